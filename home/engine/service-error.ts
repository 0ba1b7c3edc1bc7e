/** An error of the engine, as Lambda's API names it; `status` is the HTTP status that it has there. */
export class ServiceError extends Error {
  readonly status: number;

  constructor(name: string, status: number, message: string) {
    super(message);
    this.name = name;
    this.status = status;
  }
}

/** 400: the request cannot be done as it stands. https://docs.aws.amazon.com/lambda/latest/api/API_CheckpointDurableExecution.html */
export function invalidParameter(message: string): ServiceError {
  return new ServiceError('InvalidParameterValueException', 400, message);
}

/** 400 too, and yet it passes: an invocation holds no token, or an old one, and is to begin again. */
export function invalidToken(why: string): ServiceError {
  return invalidParameter(`Invalid Checkpoint Token: ${why}`);
}

/** 404: no such function or execution. */
export function notFound(what: string): ServiceError {
  return new ServiceError('ResourceNotFoundException', 404, `${what} not found`);
}

/** 409: the name is taken, by an execution with another payload. https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
export function alreadyStarted(executionName: string): ServiceError {
  const message = `Durable execution ${executionName} already started with a different payload`;
  return new ServiceError('DurableExecutionAlreadyStartedException', 409, message);
}

/** 429: too many are open to take a new one. */
export function tooMany(open: number): ServiceError {
  return new ServiceError('TooManyRequestsException', 429, `${open} executions are open, and no more are taken until some have ended`);
}

/** 400: a callback that nobody waits for (any more). https://docs.aws.amazon.com/lambda/latest/api/API_SendDurableExecutionCallbackSuccess.html */
export function callbackOver(): ServiceError {
  return new ServiceError('CallbackTimeoutException', 400, 'The callback is already closed or expired');
}

/** Whether the same call may do once more what failed now: the token of another invocation, or trouble of our own. */
export function mayPass(error: unknown): boolean {
  return !(error instanceof ServiceError) || error.status >= 500 || error.message.startsWith('Invalid Checkpoint Token');
}
