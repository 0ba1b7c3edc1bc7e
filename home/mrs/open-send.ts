import { NoAnswer, openSend, type OpenSend } from '../../lib/http/send.ts';
import { currentInvocation, orRevoked } from '../engine/invocation.ts';

/**
 * The way out of the own home: what an invocation sends ends when that is revoked, and nothing leaves after it. It then counts as no
 * answer, as every call that was broken off. At the door, where there is no invocation, it is openSend.
 */
export const openHomeSend: OpenSend = (allowedOrigins, maxBodyBytes) => {
  const send = openSend(allowedOrigins, maxBodyBytes);
  return (call) => {
    const revoked = currentInvocation()?.signal;
    if (revoked === undefined) return send(call);
    if (revoked.aborted) return Promise.reject(new NoAnswer('unreachable', 'this run was stopped; nothing was sent'));
    return send({ ...call, signal: orRevoked(call.signal) });
  };
};
