import { AppError } from '../../lib/core/errors.ts';

/** The store cannot be used as it is. The message is one line that says what to do; nothing was written for it. */
export class StoreRefused extends AppError {
  readonly code = 'store_refused';

  override get name(): string {
    return 'StoreRefused';
  }
}
