/** An answer of the Lambda API that is an error: its name goes into `x-amzn-errortype`, `status` is the HTTP status. */
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

/** 404: no such function or execution. */
export function notFound(what: string): ServiceError {
  return new ServiceError('ResourceNotFoundException', 404, `${what} not found`);
}

/** 409: the name is taken, by an execution with another payload. https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
export function alreadyStarted(executionName: string): ServiceError {
  const message = `Durable execution ${executionName} already started with a different payload`;
  return new ServiceError('DurableExecutionAlreadyStartedException', 409, message);
}

/** 400: a callback that nobody waits for (any more). https://docs.aws.amazon.com/lambda/latest/api/API_SendDurableExecutionCallbackSuccess.html */
export function callbackOver(): ServiceError {
  return new ServiceError('CallbackTimeoutException', 400, 'The callback is already closed or expired');
}
