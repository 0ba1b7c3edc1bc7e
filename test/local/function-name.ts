import { invalidParameter } from '../../home/engine/service-error.ts';

/** The one version every function here has; aliases point to it. */
export const VERSION = '1';

const ARN_PREFIX = 'arn:aws:lambda:us-east-1:123456789012:function:';

/** A function as a caller names it: `name`, `name:alias`, `account:function:name` or an ARN, the latter two with or without qualifier. */
export function parseFunctionName(text: string): { name: string; qualifier?: string } {
  const match = /^(?:(?:arn:aws[a-z-]*:lambda:[a-z0-9-]+:)?\d{12}:function:)?([\w-]+)(?::([\w$-]+))?$/.exec(text);
  const [, name, qualifier] = match ?? [];
  if (name === undefined) throw invalidParameter(`${JSON.stringify(text)} is no function name`);
  return qualifier === undefined ? { name } : { name, qualifier };
}

/** The ARN of the version that runs: executions never carry an alias. https://docs.aws.amazon.com/lambda/latest/api/API_Execution.html */
export function functionArn(name: string): string {
  return `${ARN_PREFIX}${name}:${VERSION}`;
}
