import { signed } from './sign.mjs';

/** A signed POST to AWS by Node's own client, as the product's; resolves when the answer has been read. */
export function createPost({ Agent, request }) {
  const agent = new Agent({ keepAlive: true });
  return (service, url, given, body) => {
    const headers = { ...signed(service, url, given, body), 'content-length': Buffer.byteLength(body) };
    return new Promise((resolve, reject) => {
      request(url, { method: 'POST', headers, agent }, (response) => response.resume().on('end', resolve).on('error', reject)).on('error', reject).end(body);
    });
  };
}
