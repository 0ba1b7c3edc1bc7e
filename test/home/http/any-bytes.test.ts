import { afterEach, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { anySlip, slip } from '../../requests/mutate.ts';
import { runs } from '../../support/full-size.ts';
import { answersIn, sendRaw, type Served, serve } from './served.ts';

let served: Served;
afterEach(() => served.stop(0));

const BODY = '{"id":"x","labels":{}}';
const REQUESTS = [
  `POST /alerts/generic HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer token\r\nContent-Type: application/json\r\nContent-Length: ${BODY.length}\r\nConnection: close\r\n\r\n${BODY}`,
  `POST /slack/command HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n5\r\ntext=\r\n4;a=b\r\nkill\r\n0\r\nX-Slack-Signature: v0=\r\n\r\n`,
  `GET /health HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n`,
  `GET /health HTTP/1.1\r\nHost: x\r\n\r\nGET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
];
const anyBytes = fc.tuple(fc.constantFrom(...REQUESTS), fc.array(anySlip, { minLength: 1, maxLength: 4 })).map(([request, slips]) => slip(Buffer.from(request), slips));

it('any bytes are answered in shape or not at all, never with 5xx, and the server lives', async () => {
  served = await serve({ limits: { headMs: 100, requestMs: 100, drainMs: 20, keepAliveMs: 50, silentMs: 1_000 } });
  const all = fc.sample(anyBytes, runs(1_200));
  for (let from = 0; from < all.length; from += 50) {
    const texts = await Promise.all(all.slice(from, from + 50).map(async (bytes) => sendRaw(served.port, bytes)));
    for (const [index, text] of texts.entries()) {
      const bad = answersIn(text).filter(({ status, body }) => status >= 500 || (status >= 400 && typeof body.error_code !== 'string'));
      expect({ sent: String(all[from + index]), bad }).toEqual({ sent: expect.any(String), bad: [] });
    }
  }
  expect((await fetch(served.url)).status).toBe(200);
}, 60_000);
