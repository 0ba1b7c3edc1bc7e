import type { Answer } from './routing.ts';

/** The failed kill as the English page prints it, a comma short of JSON. https://support.huaweicloud.com/intl/en-us/api-mrs/StopJob.html */
export const BROKEN_KILL_ERROR = '{\n    "error_msg":"Failed to terminate the job."\n    "error_code":"0175"\n}';

/** An error in the shape of MRS. */
export function mrsError(status: number, code: string, message: string): Answer {
  return { status, body: { error_msg: message, error_code: code } };
}
