import { describeTrouble, type Trouble } from '../../lib/core/errors.ts';

/** What MRS or IAM said, and what to do about it; `right` is the permission that the call needs. */
export function explainTrouble(trouble: Trouble, right: string): string {
  return `${describeTrouble(trouble)}; ${advice(trouble, right)}`;
}

/** https://support.huaweicloud.com/intl/en-us/api-mrs/ErrorCode.html */
function advice({ service, kind, errorCode }: Trouble, right: string): string {
  if (service === 'ECS') return 'see the agency of this server, and that its security group lets TCP 80 out to 169.254.0.0/16';
  switch (errorCode) {
    case '0192':
      return 'the user is not known to the cluster: synchronise IAM users on the cluster page of the console (IAM User Sync), then wait some minutes';
    case '0167':
      return 'the cluster is too old for the v2 job API: take it out of the policy';
    case '12000003':
      return 'the project has no such cluster: see id, project and region in the policy';
    case '12000107':
      return "the project id is wrong: see project in the policy and HW_PROJECT_ID";
    case 'APIGW.0101':
      return 'the host does not serve this: see region, MRS_ENDPOINT and HW_AUTH_URL';
  }
  switch (kind) {
    case 'unauthorized':
      return service === 'IAM'
        ? 'see user, password, domain (the account name) and project; the user needs programmatic access'
        : 'see the keys and our clock; a key or user that was disabled, or whose rights were changed, is refused too';
    case 'forbidden':
      return `give the user the right ${right}`;
    case 'unreachable':
    case 'timeout':
      return 'see region, MRS_ENDPOINT, HW_AUTH_URL, and whether the host can be reached from here';
    case 'throttled':
    case 'busy':
    case 'unavailable':
      return 'try again in a minute';
    case 'kill-refused':
    case 'not-found':
    case 'rejected':
      return 'see id, project and region in the policy';
  }
}
