import { describe, expect, it } from '@jest/globals';
import { endpointsOf, isKnownRegion } from '../../lib/settings/regions.ts';

describe('the endpoints of a region', () => {
  it.each([
    ['eu-west-101', 'https://mrs.eu-west-101.myhuaweicloud.eu', 'https://iam.eu-west-101.myhuaweicloud.eu'],
    ['cn-north-4', 'https://mrs.cn-north-4.myhuaweicloud.com', 'https://iam.cn-north-4.myhuaweicloud.com'],
    ['af-south-1', 'https://mrs.af-south-1.myhuaweicloud.com', 'https://iam.af-south-1.myhuaweicloud.com'],
    ['ap-southeast-1', 'https://mrs.ap-southeast-1.myhuaweicloud.cn', 'https://iam.ap-southeast-1.myhuaweicloud.com'],
    ['ap-southeast-4', 'https://mrs.ap-southeast-4.myhuaweicloud.cn', 'https://iam.ap-southeast-4.myhuaweicloud.com'],
    ['eu-de', 'https://mrs.eu-de.otc.t-systems.com', 'https://iam.eu-de.otc.t-systems.com'],
  ])('come from a table, since the hosts are not uniform: %s', (region, mrs, iam) => {
    expect(endpointsOf(region, {})).toEqual({ mrs, iam });
    expect(isKnownRegion(region)).toBe(true);
  });

  it('come from the settings where given, each by itself', () => {
    expect(endpointsOf('eu-de', { mrsEndpoint: 'http://127.0.0.1:1' })).toEqual({ mrs: 'http://127.0.0.1:1', iam: 'https://iam.eu-de.otc.t-systems.com' });
    expect(endpointsOf('nowhere-1', { mrsEndpoint: 'https://m.example', iamEndpoint: 'https://i.example' })).toEqual({ mrs: 'https://m.example', iam: 'https://i.example' });
  });

  it.each(['eu-west-102', 'EU-DE', '', 'constructor', 'evil.example/'])('are never guessed: %j is unknown', (region) => {
    expect(isKnownRegion(region)).toBe(false);
    expect(() => endpointsOf(region, {})).toThrow(RangeError);
    expect(() => endpointsOf(region, { mrsEndpoint: 'https://m.example' })).toThrow(RangeError);
  });
});
