import { expect } from '@jest/globals';
import { smnHeaders, type SmnMessage } from '../simulator/smn-client.ts';
import { type AlertStage, nothingHappened, type Reply } from '../stage/alerts.ts';

/** Delivers a message as SMN does, or with other headers. */
export function deliver(stage: AlertStage, message: SmnMessage | string, headers = smnHeaders(typeof message === 'string' ? {} : message)): Promise<Reply> {
  const body = Buffer.from(typeof message === 'string' ? message : JSON.stringify(message));
  return stage.deliver(body, { line: 'POST /alerts/smn', headers, base64: true });
}

/** What SMN's hosts were asked for, as host and path. */
export function calledBack({ simulator }: AlertStage): string[] {
  return simulator.requests.flatMap(({ path }) => (path.startsWith('/smn-host/') ? [path.replace('/smn-host/', '')] : []));
}

/** Expects the 401 that every cause gets, and that nothing was killed. */
export function expectRefused(stage: AlertStage, reply: Reply): void {
  expect([reply.status, reply.text]).toEqual([401, '{"error_code":"KILL.0401","error_msg":"authentication failed","request_id":"request-1"}']);
  expect(stage.simulator.smn.confirmed()).toEqual([]);
  nothingHappened(stage);
}
