/** The user whom the simulator's IAM knows, by the names of our settings. */
export const SIMULATED_USER = {
  HW_REGION_NAME: 'eu-west-101',
  HW_USER_NAME: 'killswitch',
  HW_USER_PASSWORD: 'simulator-password',
  HW_DOMAIN_NAME: 'simulator',
};

/** The settings with which a simulator at `url` stands for MRS and IAM. */
export function settingsOf(url: string): typeof SIMULATED_USER & { MRS_ENDPOINT: string; HW_AUTH_URL: string } {
  return { ...SIMULATED_USER, MRS_ENDPOINT: url, HW_AUTH_URL: `${url}/v3` };
}
