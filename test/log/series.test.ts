import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { OUTCOMES, RULES } from '../../lib/core/end.ts';
import { KNOWN_CODES, TROUBLE_KINDS } from '../../lib/core/errors.ts';
import { TRIGGERS } from '../../lib/core/request.ts';
import type { StartOutcome } from '../../lib/log/metrics.ts';
import { ANALYTICS_ID, PROJECT_ID } from '../simulator/client.ts';
import type { FaultTarget } from '../simulator/faults.ts';
import { onlyOnAws } from '../stage/only-on-aws.ts';
import { type Count, countsIn } from '../stage/counted.ts';
import { type DoorStage, NOBODYS, RIGHTS, startDoorStage } from '../stage/doors.ts';
import { CHANNEL } from '../stage/slack.ts';
import { isFullSize } from '../support/full-size.ts';

const STARTS: StartOutcome[] = ['accepted', 'duplicate', 'refused', 'ignored', 'notified', 'failed'];
const CODES: string[] = [...KNOWN_CODES, ...TROUBLE_KINDS, 'FAILED', 'TIMED_OUT', 'STOPPED', 'unanswered', 'other'];
/** Every metric with all that its dimensions may ever be. */
const CLOSED: Record<string, Record<string, readonly string[]>> = {
  Started: { trigger: TRIGGERS, outcome: STARTS },
  Ended: { trigger: TRIGGERS, outcome: OUTCOMES },
  Refused: { trigger: TRIGGERS, rule: RULES },
  Failed: { trigger: TRIGGERS, code: CODES },
  RequestedToKilled: { trigger: TRIGGERS },
  Unauthorized: {},
  BadRequest: { trigger: TRIGGERS, status: ['400', '403', '404', '405', '409', '413', '429', 'other'] },
  UnusableEvent: { carrier: ['sns', 'sqs', 'eventbridge', 'direct'] },
  ReportsLost: {},
  SlackConnectionLost: {},
  Warned: { trigger: TRIGGERS },
  Kept: { trigger: TRIGGERS },
  KilledAfterWarning: { trigger: TRIGGERS },
  EndedAfterWarning: { trigger: TRIGGERS },
};

/** Words that look like codes, rules, outcomes, other lines of the log, or like nothing; no two are the same. */
const SHAPES = [
  'APIGW.9%', 'MRS.9%', 'IAM.00%', '01750%', 'KILL.0%', 'refused-%', 'protected%', 'Wort %', '作业-%', '__proto__%', 'constructor-%', 'toString %', 'STOPPED %', '%', '-%', 'x%"},"rule":"y', '{"_aws":%}',
];
/** At full size each shape three times by each trigger; else once by REST, and as many by the others as these have kinds of calls. */
const [WORDS, WORDS_OF_SLOW] = isFullSize ? [60, 51] : [SHAPES.length, 6];
const wordsFrom = (first: number, count: number): string[] => Array.from({ length: count }, (_, index) => (SHAPES[index % SHAPES.length] ?? '').replace('%', String(first + index)));

let stage: DoorStage;
beforeAll(async () => {
  const more = 'dryRun: [slack, cleanup]\nlimits: { perDelivery: 10000, perHour: 10000, percentOfRunning: 100 }';
  stage = await startDoorStage({ slack: RIGHTS.replace(' }', `, channels: [${CHANNEL}] }`), more });
});
afterAll(() => stage.close());

/** Calls of that kind are answered with these words: the next one, unless told otherwise. */
function refuse(on: FaultTarget, word: string, { status = 400, times = 1 } = {}): void {
  stage.simulator.fault({ on, status, times, body: { error_code: word, error_msg: word, error: { code: word, message: word } } });
}
/** The one of several whose turn it is: each gets its share of the words. */
const turn = <Kind>(index: number, kinds: readonly [Kind, ...Kind[]]): Kind => kinds[index % kinds.length] ?? kinds[0];

async function callRest(words: string[]): Promise<void> {
  const job = stage.simulator.addJob();
  stage.deploy(stage.policy); // no token of IAM is known from here on
  for (const on of ['token', 'job', 'kill'] as const) {
    for (const [index, word] of words.entries()) {
      refuse(on, word, { status: turn(index, [400, 403, 404, 409, 500]), times: Infinity });
      await stage.kill(job.job_id);
      stage.simulator.clearFaults();
    }
  }
  for (const [index, word] of words.entries()) {
    const plain = word.replace(/\W/g, '');
    const [project, cluster, id] = turn(index, [[word, ANALYTICS_ID, NOBODYS], [PROJECT_ID, word, NOBODYS], [PROJECT_ID, ANALYTICS_ID, word], [plain, ANALYTICS_ID, NOBODYS], [PROJECT_ID, plain, NOBODYS]]).map(encodeURIComponent);
    await stage.rest(`POST /v2/${project}/clusters/${cluster}/job-executions/${id}/kill`);
    refuse('kill', word, { times: Infinity });
    await stage.kill(job.job_id, { body: JSON.stringify({ reason: word, ...(index % 2 === 0 && { dry_run: true }) }) });
    await stage.kill(job.job_id, { body: JSON.stringify({ [word]: word }) });
    await stage.kill(job.job_id, { headers: { authorization: `Bearer ${word}` } });
    refuse('job', word, { status: turn(index, [401, 403]) });
    await stage.kill(job.job_id, { headers: { 'x-auth-token': plain } });
    stage.simulator.clearFaults();
    await stage.rest(`${plain} /${encodeURIComponent(word)}`);
  }
}

async function runCleanup(words: string[]): Promise<void> {
  for (const [index, word] of words.entries()) {
    await stage.clean(turn<unknown>(index, [word, { [word]: word }, { source: 'aws.events', time: word }, { policy: word }])).catch(() => undefined);
    refuse('jobs', word, { status: 403 });
    await stage.clean();
  }
  for (const word of words) stage.addOld([`nb-${word}`], { user: word, queue: word, job_type: word });
  await stage.clean();
  await stage.clean(); // a repeat within the hour
}

async function sendAlerts(words: string[]): Promise<void> {
  const fire = (labelsOf: (word: string) => Record<string, string>): Promise<unknown> => stage.fire(...words.map((word) => ({ labels: labelsOf(word), annotations: { summary: word } })));
  await fire((word) => ({ alertname: word, [word]: word, job_name: word }));
  await fire((word) => ({ alertname: 'Stuck', job_name: word, cluster: word }));
  await fire((word) => ({ alertname: 'Stuck', [word]: word }));
  await fire((word) => ({ alertname: 'Big', job_name: `nb-${word}`, cluster: 'analytics', severity: word }));
  await stage.idle();
  for (const on of ['jobs', 'kill'] as const) {
    for (const word of words) refuse(on, word, { status: 403 });
    refuse('kill', 'whatever comes after', { times: Infinity });
    await fire((word) => ({ alertname: 'Stuck', job_name: `nb-${word}`, cluster: 'analytics', because: on }));
    await stage.idle();
    stage.simulator.clearFaults();
  }
  for (const word of words) await stage.rest(`POST /alerts/${encodeURIComponent(word)}`, { headers: { authorization: `Bearer ${word}` }, body: JSON.stringify(word) });
}

async function sendSlack(words: string[]): Promise<void> {
  for (const [index, word] of words.entries()) {
    const start = JSON.stringify({ do: 'start', cluster: word, jobId: word });
    const answer = JSON.stringify({ do: 'answer', callbackId: word, arn: word, who: turn(index, ['requester', 'approver', word]), requestedBy: word });
    await stage.type(turn(index, [word, `kill "${word}" because ${word}`, `kill etl on "${word}"`, `status "${word}"`]));
    await stage.type(`kill "${word}"`, { [turn(index, ['user_id', 'team_id', 'channel_id', 'enterprise_id', 'user_name'])]: word });
    const by = turn<{ user?: string; team?: string; channel?: string }>(index, [{}, { user: word }, { team: word }, { channel: word }]);
    await stage.press('start', start, by);
    await stage.press(turn(index, ['kill', 'decline', word]), turn(index, [answer, word, JSON.stringify({ do: word })]), by);
    await stage.press('cleanup', JSON.stringify({ do: 'cleanup', jobs: [word] }), { user: word, ...by });
    await stage.send('/slack/command', word, { headers: { 'x-slack-signature': word } });
  }
}

async function sendEvents(words: string[]): Promise<void> {
  const [job] = stage.addOld(['asked about']);
  for (const [index, word] of words.entries()) {
    const alarm = (AlarmDescription: string) => ({ AlarmName: word, AlarmDescription, AlarmArn: word, NewStateValue: 'ALARM', StateChangeTime: '2026-11-22T11:58:30.123+0000', Trigger: { Dimensions: [{ name: word, value: word }] } });
    const sns = (message: unknown) => ({ Records: [{ EventSource: 'aws:sns', Sns: { MessageId: word, Message: JSON.stringify(message) } }] });
    const event = turn<unknown>(index, [word, { source: word, 'detail-type': word }, sns(word), sns(alarm(word)), sns(alarm(`alertname=Stuck cluster=${word}`))]);
    await stage.event(event).catch(() => undefined);
  }
  for (const word of words.slice(0, 10)) {
    await stage.type(`kill ${job?.job_id}`);
    await stage.idle();
    const arn = stage.backend.list({}).find(({ status }) => status === 'RUNNING')?.arn ?? '';
    stage.backend.stop(arn, { ErrorType: word, ErrorMessage: word });
    for (const status of ['STOPPED', word]) {
      await stage.event({ source: 'aws.lambda', 'detail-type': 'Durable Execution Status Change', detail: { durableExecutionArn: arn, status } });
    }
  }
}

/** Sends the words by every trigger, and the first of them by those that take long; what was counted for it. */
async function flood(words: string[]): Promise<Count[]> {
  const before = stage.lines.length;
  await callRest(words);
  for (const send of [runCleanup, sendAlerts, sendSlack, sendEvents]) {
    await send(words.slice(0, WORDS_OF_SLOW));
    await stage.idle();
  }
  return countsIn(stage.lines.slice(before));
}

const seriesOf = (counts: Count[]): string[] => [...new Set(counts.map((count) => JSON.stringify(count)))].toSorted();

describe("a metric's dimensions", () => {
  onlyOnAws('events of AWS are among what it sends, and are counted').it('come from closed unions only: twice as many foreign words make no series more, and nothing was killed', async () => {
    const first = await flood(wordsFrom(1_000, WORDS));
    for (const { metric, dimensions } of first) {
      expect(Object.keys(CLOSED)).toContain(metric);
      const closed = CLOSED[metric] ?? {};
      expect(Object.keys(dimensions)).toEqual(Object.keys(closed));
      for (const [name, values] of Object.entries(closed)) expect(values).toContain(dimensions[name]);
    }
    // Each trigger was gone through, and the foreign codes were among what was counted.
    expect(new Set(first.flatMap(({ metric, dimensions }) => (metric === 'Ended' ? [dimensions['trigger']] : [])))).toEqual(new Set(TRIGGERS));
    for (const trigger of ['api', 'alerts']) expect(first).toContainEqual({ metric: 'Failed', dimensions: { trigger, code: expect.stringMatching(/^(?:rejected|forbidden|unavailable)$/) } });

    expect(seriesOf(await flood(wordsFrom(2_000, WORDS)))).toEqual(seriesOf(first));
    expect(stage.simulator.killed()).toEqual([]);
  }, 120_000);
});
