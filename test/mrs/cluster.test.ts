import { describe, expect, it } from '@jest/globals';
import { findCluster, listedClusters } from '../../lib/mrs/cluster.ts';
import type { Policy } from '../../lib/policy/policy.ts';

const ANALYTICS = '2b460e01-3351-4170-b0a7-57b9dd5ffef3';
const DEV = 'bc134369-294c-42b7-a707-b2036ba38524';
const policy: Policy = {
  dryRun: true,
  clusters: {
    analytics: { id: ANALYTICS, project: '0a1b2c3d4e5f60718293a4b5c6d7e8f9', region: 'eu-de' },
    dev: { id: DEV },
    abroad: { id: '11111111-294c-42b7-a707-b2036ba38524', region: 'cn-north-4' },
  },
  protected: [],
  ask: [],
  limits: { perDelivery: 10, perHour: 30, percentOfRunning: 50 },
  slack: { mayKill: [], mayApprove: [] },
  alerts: [],
  cleanup: [],
};
const clusters = listedClusters(policy, { region: 'eu-west-101', project: { name: 'eu-west-101_etl' } });

describe('a listed cluster', () => {
  it('has project and region of the policy, or of the settings', () => {
    expect(findCluster(clusters, 'analytics')).toEqual({ name: 'analytics', id: ANALYTICS, region: 'eu-de', project: { id: '0a1b2c3d4e5f60718293a4b5c6d7e8f9' } });
    expect(findCluster(clusters, 'dev')).toEqual({ name: 'dev', id: DEV, region: 'eu-west-101', project: { name: 'eu-west-101_etl' } });
  });

  it("in another region never gets the settings' project, which is not there", () => {
    expect(findCluster(clusters, 'abroad')?.project).toEqual({ name: 'cn-north-4' });
  });

  it('is the same by name and by id', () => {
    expect(findCluster(clusters, DEV)).toBe(findCluster(clusters, 'dev'));
  });

  it.each(['', 'Dev', 'dev ', 'de', 'dev*', '*', DEV.slice(0, -1), '__proto__', 'constructor'])('is not what %j says: only what is listed can be touched', (name) => {
    expect(findCluster(clusters, name)).toBeUndefined();
  });
});
