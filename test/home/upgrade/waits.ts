import type { SimulatedJob } from '../../simulator/simulator.ts';
import { APPROVER, REQUESTER } from '../../simulation/policy.ts';
import type { Scenery } from './scenery.ts';

/** An execution that waits under one version of the workflow, and goes on under another. */
export type Wait = {
  name: string;
  alertname: string;
  /** The first is named by the alert, unless it picks. */
  jobs: Partial<SimulatedJob>[];
  before?: (scenery: Scenery) => void;
  /** Whether it is at its wait now. */
  stands: (scenery: Scenery) => boolean;
  /** What happens when the other version is there. */
  goOn?: (scenery: Scenery) => unknown;
  /** Its Ends, for each job that has one; none: it goes on waiting. */
  outcomes: string[];
  posts: number;
};

const hasButton = (action: string) => ({ buttons }: Scenery): boolean => buttons().includes(action);
const click = (action: string, user: string) => ({ click: clickOn }: Scenery): unknown => clickOn(action, user);
const end = ({ simulator, jobs }: Scenery): void => simulator.endJob(jobs[0]?.job_id ?? '', 'SUCCEEDED');
const wasPosted = ({ posts }: Scenery): boolean => posts() > 0;

export const WAITS: readonly Wait[] = [
  { name: 'asking, and somebody says yes', alertname: 'Stuck', jobs: [{ job_type: 'Flink' }], stands: hasButton('kill'), goOn: click('kill', APPROVER), outcomes: ['killed'], posts: 1 },
  { name: 'asking, and somebody says no', alertname: 'Stuck', jobs: [{ job_type: 'Flink' }], stands: hasButton('kill'), goOn: click('decline', APPROVER), outcomes: ['declined'], posts: 0 },
  { name: 'asking, and nobody answers', alertname: 'Stuck', jobs: [{ job_type: 'Flink' }], stands: hasButton('kill'), outcomes: ['expired'], posts: 0 },
  { name: 'warned, and killed now', alertname: 'Warned', jobs: [{}], stands: hasButton('kill-now'), goOn: click('kill-now', REQUESTER), outcomes: ['killed'], posts: 1 },
  {
    name: 'kept', alertname: 'Warned', jobs: [{}],
    stands({ buttons, click: clickOn, marks }) {
      if (buttons().includes('keep') && !marks.has('clicked')) void clickOn('keep', APPROVER);
      return marks.has('clicked') && buttons().length === 0;
    },
    outcomes: [], posts: 0,
  },
  // MRS takes the kill, and nothing comes of it.
  { name: 'following', alertname: 'Stuck', jobs: [{}], before: ({ fault }) => fault({ on: 'kill', status: 202, body: '' }), stands: ({ messages, posts }) => posts() > 0 && messages().length > 0, goOn: end, outcomes: ['finished-first'], posts: 1 },
  { name: 'retrying', alertname: 'Stuck', jobs: [{}], before: ({ fault }) => fault({ on: 'kill', status: 503, headers: { 'retry-after': '20' } }), stands: wasPosted, outcomes: ['killed'], posts: 2 },
  {
    name: 'reporting', alertname: 'Stuck', jobs: [{}],
    before: ({ marks, fault, jobs }) => fault({ on: 'slack', status: 503, times: Infinity, when: ({ body }) => body.includes('Killed') && body.includes(jobs[0]?.job_id ?? '') && !marks.has('healed') && marks.add('refused').size > 0 }),
    stands: ({ marks }) => marks.has('refused'), goOn: ({ marks }) => marks.add('healed'), outcomes: ['killed'], posts: 1,
  },
  { name: 'told', alertname: 'Told', jobs: [{}], stands: hasButton('start'), goOn: end, outcomes: ['notified'], posts: 0 },
  // The list of jobs comes late: the pick has not chosen yet.
  {
    name: 'picking', alertname: 'Memory', jobs: [{ queue: 'adhoc' }, { queue: 'adhoc' }],
    before: ({ fault, marks }) => fault({ on: 'jobs', delayMs: 2_000, times: Infinity, when: () => !marks.has('healed') && marks.add('listed').size > 0 }),
    stands: ({ marks }) => marks.has('listed'), goOn: ({ marks }) => marks.add('healed'), outcomes: ['killed', 'killed'], posts: 2,
  },
];
