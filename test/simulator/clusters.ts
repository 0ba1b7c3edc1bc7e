import type { Cloud, SimulatedCluster } from './cloud.ts';
import { mrsError } from './mrs-error.ts';
import { refuseProject } from './project.ts';
import type { Answer, Route } from './routing.ts';

/**
 * Clusters by the v1.1 API: camelCase, times as seconds in strings, 200. Its newer filter clusterName is ignored, as older clouds do.
 * https://support.huaweicloud.com/intl/en-us/api-mrs/mrs_02_0030.html
 */
export function clusterRoutes(cloud: Cloud): Route[] {
  return [
    {
      on: 'clusters',
      method: 'GET',
      path: /^\/v1\.1\/([^/]+)\/cluster_infos$/,
      answer: (call, projectId = '') => refuseProject(cloud, call, projectId) ?? listClusters(cloud, projectId, call.request.query),
    },
    {
      on: 'cluster',
      method: 'GET',
      path: /^\/v1\.1\/([^/]+)\/cluster_infos\/([^/]+)$/,
      answer: (call, projectId = '', clusterId = '') => refuseProject(cloud, call, projectId) ?? showCluster(cloud, projectId, clusterId),
    },
  ];
}

function listClusters(cloud: Cloud, projectId: string, query: Record<string, string>): Answer {
  const size = Number(query['pageSize'] ?? 10);
  const page = Number(query['currentPage'] ?? 1);
  if (![size, page].every((number) => Number.isInteger(number) && number >= 1)) {
    return mrsError(400, '12000002', 'The parameter is invalid.');
  }
  const clusters = cloud.clusters.filter(
    (cluster) => cluster.projectId === projectId && fitsState(cluster.state ?? 'running', query['clusterState'] ?? ''),
  );
  const rows = clusters.slice((page - 1) * size, page * size);
  return { status: 200, body: { clusterTotal: clusters.length, clusters: rows.map((cluster) => toMrsFields(cloud, cluster)) } };
}

function showCluster(cloud: Cloud, projectId: string, clusterId: string): Answer {
  const cluster = cloud.clusters.find(({ id, projectId: owner }) => id === clusterId && owner === projectId);
  if (cluster === undefined) return mrsError(400, '12000003', 'The cluster does not exist.');
  return { status: 200, body: { cluster: toMrsFields(cloud, cluster) } };
}

function fitsState(state: string, wanted: string): boolean {
  switch (wanted) {
    case '':
      return true;
    case 'existing':
      return state !== 'terminated';
    case 'history':
      return state === 'terminated';
    default:
      return state === wanted;
  }
}

function toMrsFields(cloud: Cloud, { id, name, projectId, state }: SimulatedCluster): object {
  return {
    clusterId: id,
    clusterName: name,
    clusterState: state ?? 'running',
    createAt: '1498272043',
    updateAt: '1498636753',
    dataCenter: cloud.projects.find((project) => project.id === projectId)?.name ?? '',
    tenantId: projectId,
    clusterVersion: 'MRS 3.1.5',
    clusterType: 0,
    safeMode: 0,
    vpc: 'vpc-simulator',
    enterpriseProjectId: '0',
    billingType: 'Metered',
    componentList: [{ componentName: 'Hadoop' }, { componentName: 'Spark2x' }],
  };
}
