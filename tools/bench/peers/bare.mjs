import { request } from 'undici';
import { createPost } from './post.mjs';

const { HW_USER_NAME: name, HW_USER_PASSWORD: password, HW_DOMAIN_NAME: domain, HW_REGION_NAME: project } = process.env;
const identity = { methods: ['password'], password: { user: { name, password, domain: { name: domain } } } };
const postToAws = createPost(process.getBuiltinModule('node:http'));
let token;

/** A script without checks: the calls of `stages` one stage after the other, those of one stage beside each other. */
export const handler = async ({ stages }) => {
  token ??= await fetchToken();
  for (const stage of stages) await Promise.all(stage.map(call));
  return { statusCode: 200, body: '' };
};

/** Asked for once, as long as this process lives. */
export async function fetchToken() {
  const body = JSON.stringify({ auth: { identity, scope: { project: { name: project } } } });
  const answer = await request(`${process.env.HW_AUTH_URL}/auth/tokens`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  await answer.body.dump();
  return answer.headers['x-subject-token'];
}

function call({ method, path, target, body = '' }) {
  return target === undefined ? askMrs(method, path) : askLedger(target, body);
}

async function askMrs(method, path) {
  const answer = await request(process.env.MRS_ENDPOINT + path, { method, headers: { 'x-auth-token': token, 'content-type': 'application/json' }, ...(method === 'POST' && { body: '{}' }) });
  await answer.body.text();
}

function askLedger(target, body) {
  return postToAws('dynamodb', process.env.AWS_ENDPOINT_URL_DYNAMODB, { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': target }, body);
}
