/**
 * The regions whose hosts we know. Not uniform: Europe (Dublin) lives under `.eu`, three regions have their MRS under `.cn`,
 * Open Telekom Cloud has its own domain. Other clouds are reached by MRS_ENDPOINT and HW_AUTH_URL.
 * https://github.com/huaweicloud/huaweicloud-sdk-go-v3/blob/master/services/mrs/v2/region/region.go
 */
const REGIONS_BY_SUFFIX = {
  'myhuaweicloud.com': [
    'cn-north-1', 'cn-north-2', 'cn-north-4', 'cn-north-9', 'cn-north-11', 'cn-north-12', 'cn-south-1', 'cn-south-4',
    'cn-east-2', 'cn-east-3', 'cn-east-4', 'cn-east-5', 'cn-southwest-2', 'cn-southwest-3',
    'ap-southeast-2', 'ap-southeast-3', 'ap-southeast-5', 'af-south-1', 'af-north-1',
    'sa-brazil-1', 'la-south-2', 'la-north-2', 'na-mexico-1', 'tr-west-1', 'me-east-1',
    'my-kualalumpur-1', 'ru-moscow-1', 'ae-ad-1',
  ],
  'myhuaweicloud.cn': ['ap-southeast-1', 'ap-southeast-4', 'ru-northwest-2'],
  'myhuaweicloud.eu': ['eu-west-101'],
  'otc.t-systems.com': ['eu-de'],
} as const;

type Suffix = keyof typeof REGIONS_BY_SUFFIX;

/** The domains of Huawei Cloud and its sisters; services other than MRS and IAM are spread over them in ways of their own. */
export const CLOUD_DOMAINS: readonly string[] = Object.keys(REGIONS_BY_SUFFIX);

const SUFFIX_OF = new Map<string, Suffix>(
  Object.entries(REGIONS_BY_SUFFIX).flatMap(([suffix, regions]) => regions.map((region) => [region, suffix as Suffix])),
);

/** Whether the hosts of a region are known; for another one MRS_ENDPOINT and HW_AUTH_URL have to be given. */
export function isKnownRegion(region: string): boolean {
  return SUFFIX_OF.has(region);
}

export type Endpoints = { mrs: string; iam: string };

/**
 * Origins (and base paths, where overridden) of MRS and IAM for a region, without a trailing slash.
 * Throws RangeError for an unknown region without overrides: settings and policy are checked before.
 */
export function endpointsOf(region: string, overrides: { mrsEndpoint?: string; iamEndpoint?: string }): Endpoints {
  return {
    mrs: overrides.mrsEndpoint ?? `https://mrs.${region}.${suffixOf(region)}`,
    iam: overrides.iamEndpoint ?? `https://iam.${region}.${iamSuffixOf(region)}`,
  };
}

function suffixOf(region: string): Suffix {
  const suffix = SUFFIX_OF.get(region);
  if (suffix === undefined) throw new RangeError(`region ${region} is not in the table; set MRS_ENDPOINT and HW_AUTH_URL`);
  return suffix;
}

/** The regions whose MRS is under `.cn` keep their IAM under `.com`. */
function iamSuffixOf(region: string): string {
  const suffix = suffixOf(region);
  return suffix === 'myhuaweicloud.cn' ? 'myhuaweicloud.com' : suffix;
}
