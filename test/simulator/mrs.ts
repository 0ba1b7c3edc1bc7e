import type { Cloud } from './cloud.ts';
import { clusterRoutes } from './clusters.ts';
import { isJobOver, type JobRecord, refreshJob, type SimulatedJob } from './jobs.ts';
import { listJobs, toMrsFields } from './job-list.ts';
import { mrsError } from './mrs-error.ts';
import { refuseProject } from './project.ts';
import type { Answer, Call, Route } from './routing.ts';

/** MRS: jobs of v2 and clusters of v1.1. https://support.huaweicloud.com/intl/en-us/api-mrs/StopJob.html */
export function mrsRoutes(cloud: Cloud): Route[] {
  return [
    {
      on: 'kill',
      method: 'POST',
      path: /^\/v2\/([^/]+)\/clusters\/([^/]+)\/job-executions\/([^/]+)\/kill$/,
      answer: (call, projectId = '', clusterId = '', jobId = '') =>
        refuseCluster(cloud, call, projectId, clusterId) ?? killJob(cloud, call, clusterId, jobId),
    },
    {
      on: 'job',
      method: 'GET',
      path: /^\/v2\/([^/]+)\/clusters\/([^/]+)\/job-executions\/([^/]+)$/,
      answer: (call, projectId = '', clusterId = '', jobId = '') =>
        refuseCluster(cloud, call, projectId, clusterId) ?? showJob(cloud, clusterId, jobId),
    },
    {
      on: 'jobs',
      method: 'GET',
      path: /^\/v2\/([^/]+)\/clusters\/([^/]+)\/job-executions$/,
      answer: (call, projectId = '', clusterId = '') =>
        refuseCluster(cloud, call, projectId, clusterId) ?? listJobs(jobsOf(cloud, clusterId), call.request.query),
    },
    ...clusterRoutes(cloud),
  ];
}

function refuseCluster(cloud: Cloud, call: Call, projectId: string, clusterId: string): Answer | undefined {
  const refused = refuseProject(cloud, call, projectId);
  if (refused) return refused;
  const exists = cloud.clusters.some((cluster) => cluster.id === clusterId && cluster.projectId === projectId);
  // Other keys than for a missing job: so it is on the real v2 paths.
  return exists ? undefined : { status: 400, body: { errorCode: '12000003', errorMsg: 'The cluster does not exist.' } };
}

function killJob(cloud: Cloud, { request }: Call, clusterId: string, jobId: string): Answer {
  const record = findJob(cloud, clusterId, jobId);
  if (record === undefined) return noSuchJob();
  const job = refreshJob(record, cloud.killDelayMs, cloud.now());
  if (isJobOver(job) || job.job_type.toLowerCase() === 'sparksql') {
    const chinese = request.headers['x-language'] === 'zh-cn';
    return mrsError(400, '0175', chinese ? '终止作业失败' : 'Failed to terminate the job.');
  }
  record.killAcceptedAt ??= cloud.now();
  return { status: 202 };
}

function showJob(cloud: Cloud, clusterId: string, jobId: string): Answer {
  const record = findJob(cloud, clusterId, jobId);
  if (record === undefined) return noSuchJob();
  return { status: 202, body: { job_detail: toMrsFields(refreshJob(record, cloud.killDelayMs, cloud.now())) } };
}

function noSuchJob(): Answer {
  return mrsError(400, '0176', 'The job does not exist.');
}

function findJob(cloud: Cloud, clusterId: string, jobId: string): JobRecord | undefined {
  const record = cloud.jobs.get(jobId);
  return record?.job.cluster_id === clusterId ? record : undefined;
}

function jobsOf(cloud: Cloud, clusterId: string): SimulatedJob[] {
  return [...cloud.jobs.values()]
    .filter(({ job }) => job.cluster_id === clusterId)
    .map((record) => refreshJob(record, cloud.killDelayMs, cloud.now()));
}
