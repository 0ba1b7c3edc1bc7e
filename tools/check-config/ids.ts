import type { Policy } from '../../lib/policy/policy.ts';
import { type Finding, warning } from '../findings.ts';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const PROJECT = /^[0-9a-f]{32}$/i;
/** Slack's own are 9 to 11 letters and digits today, and may grow. */
const SLACK = /^[A-Z][A-Z0-9]{8,}$/;

type Env = Record<string, string | undefined>;

/** Warns of ids that do not look as MRS and Slack make them: most likely they were cut short or mixed up. `file`: the policy's name. */
export function checkIds({ clusters, slack }: Policy, env: Env, file: string): Finding[] {
  const ofClusters = Object.entries(clusters).flatMap(([name, { id, project }]) => [
    ...(UUID.test(id) ? [] : [warning(`${file} clusters.${name}.id`, `${id} does not look like a cluster id; MRS's are as 2b460e01-3351-4170-b0a7-57b9dd5ffef3`)]),
    ...(project === undefined || PROJECT.test(project) ? [] : [warning(`${file} clusters.${name}.project`, `${project} does not look like a project id, which has 32 of 0-9 and a-f`)]),
  ]);
  const { HW_PROJECT_ID: project } = env;
  const { team, channel, channels = [], mayKill, mayApprove, people = {} } = slack;
  const ids: [key: string, id: string][] = [
    ...(team === undefined ? [] : [['team', team] as [string, string]]),
    ...(channel === undefined ? [] : [['channel', channel] as [string, string]]),
    ...Object.entries({ channels, mayKill, mayApprove }).flatMap(([key, list]) => list.map((id, index): [string, string] => [`${key}.${index}`, id])),
    ...Object.entries(people).map(([glob, id]): [string, string] => [`people.${glob}`, id]),
  ];
  return [
    ...(team === undefined && mayKill.length > 0 ? [warning(`${file} slack.team`, 'is left out: every command and click in Slack is refused until it is set')] : []),
    ...(!project || project.startsWith('ssm:') || project.startsWith('file:') || PROJECT.test(project) ? [] : [warning('HW_PROJECT_ID', 'does not look like a project id, which has 32 of 0-9 and a-f')]),
    ...ofClusters,
    ...ids.filter(([, id]) => !SLACK.test(id)).map(([key, id]) => warning(`${file} slack.${key}`, `${id} does not look like an id of Slack, which has 9 letters and digits or more; was it cut short?`)),
  ];
}
