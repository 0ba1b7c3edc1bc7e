import { signed } from './sign.mjs';
const { Agent, request } = process.getBuiltinModule('node:http'); // an import of it reads all that it exports, undici among it

const agent = new Agent({ keepAlive: true });

/** A signed POST to AWS by what Node brings along, as the product's; resolves when the answer has been read. */
export function postToAws(service, url, given, body) {
  const headers = { ...signed(service, url, given, body), 'content-length': Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    request(url, { method: 'POST', headers, agent }, (response) => response.resume().on('end', resolve).on('error', reject)).on('error', reject).end(body);
  });
}
