import type { LambdaClient } from '@aws-sdk/client-lambda';
import { AppError } from '../core/errors.ts';

/** Lambda did not do what we asked of it; `cause` is the SDK's error. */
export class LambdaFailed extends AppError {
  readonly code = 'lambda_failed';
  override readonly retryable = true;
}

// Without `throwOnRequestTimeout` the SDK only warns.
const TIMEOUTS = { connectionTimeout: 2_000, requestTimeout: 8_000, throwOnRequestTimeout: true };

type Sdk = typeof import('@aws-sdk/client-lambda');

/** Makes one call with the SDK, `what` in words for the error. Throws LambdaFailed. */
export type LambdaSend = <T>(what: string, call: (client: LambdaClient, sdk: Sdk) => Promise<T>) => Promise<T>;

/**
 * Lambda's API, region and endpoint as the environment says. One try a call: our callers' callers send again. The SDK is loaded
 * on first use: it is 90 ms of cold start, for those who start something only.
 */
export function createLambdaSend(): LambdaSend {
  let client: LambdaClient | undefined;
  return async (what, call) => {
    const sdk = await import('@aws-sdk/client-lambda');
    client ??= new sdk.LambdaClient({ maxAttempts: 1, requestHandler: TIMEOUTS });
    try {
      return await call(client, sdk);
    } catch (cause) {
      throw new LambdaFailed(`${what} failed: ${(cause as Error).name}`, { cause });
    }
  };
}
