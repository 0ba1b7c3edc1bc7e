import { request } from 'undici';
import { fetchToken } from './bare.mjs';

let token;

/** Reads the active jobs page by page, one after the other, until `appId` stands there: `{ path, appId }`. */
export const handler = async ({ path, appId }) => {
  token ??= await fetchToken();
  let read = 0;
  for (let page = 1; ; page++) {
    const answer = await request(`${process.env.MRS_ENDPOINT}${path}?job_result=UNDEFINED&sort_by=asc&limit=100&offset=${page}`, { headers: { 'x-auth-token': token } });
    const { job_list: jobs, total_record: total } = await answer.body.json();
    read += jobs.length;
    if (jobs.some(({ app_id: id }) => id === appId)) return { statusCode: 200, body: String(page) };
    if (jobs.length === 0 || read >= Number(total)) return { statusCode: 404, body: String(page) };
  }
};
