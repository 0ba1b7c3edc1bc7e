import { request } from 'undici';
import { signed } from './sign.mjs';

const { HW_USER_NAME: name, HW_USER_PASSWORD: password, HW_DOMAIN_NAME: domain, HW_REGION_NAME: project } = process.env;
const identity = { methods: ['password'], password: { user: { name, password, domain: { name: domain } } } };
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

async function call({ method, path, target, body = '' }) {
  const answer = target === undefined ? await askMrs(method, path) : await askLedger(target, body);
  await answer.body.text();
}

function askMrs(method, path) {
  return request(process.env.MRS_ENDPOINT + path, { method, headers: { 'x-auth-token': token, 'content-type': 'application/json' }, ...(method === 'POST' && { body: '{}' }) });
}

async function askLedger(target, body) {
  const url = process.env.AWS_ENDPOINT_URL_DYNAMODB;
  const given = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': target };
  return request(url, { method: 'POST', headers: { ...given, ...(await signed('dynamodb', url, given, body)) }, body });
}
