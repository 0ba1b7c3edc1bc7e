import type { Trouble } from '../core/errors.ts';
import type { HttpAnswer, Send } from '../http/send.ts';
import type { Proof, UnsignedRequest } from './credentials.ts';
import { troubleOf, troubleOfNoAnswer } from './trouble.ts';

/** Signs a request, sends it once, and returns its answer if it is a 2xx. Throws UpstreamFailed for every other end. */
export async function sendSigned(
  send: Send,
  service: Trouble['service'],
  proof: Proof,
  request: UnsignedRequest,
  limits: { timeoutMs: number; signal?: AbortSignal | undefined; statusIsEnough?: boolean },
): Promise<HttpAnswer> {
  const { headers, secrets } = proof.sign(request);
  let answer: HttpAnswer;
  try {
    answer = await send({ ...request, headers, ...limits });
  } catch (error) {
    throw troubleOfNoAnswer(service, error);
  }
  if (answer.status >= 200 && answer.status <= 299) return answer;
  const failed = troubleOf(service, answer, secrets);
  throw failed.trouble.kind === 'unauthorized' ? proof.refused(failed, answer) : failed;
}
