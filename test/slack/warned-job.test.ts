import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { SimulatedJob, SlackMessage } from '../simulator/simulator.ts';
import { buttonsOf } from '../simulator/slack-client.ts';
import { APPROVER, CHANNEL, expectNoKill, policyOf, REQUESTER, STRANGER } from '../stage/slack.ts';
import { type CleanupStage, HOUR_MS, MINUTE_MS, NOON, startCleanupStage } from '../stage/cleanup.ts';

const OWNER = 'U0OWNER01';
const TERMS = 'warn: 30m, keep: 2h, keepAtMost: 4h';
const rulesOf = (terms = TERMS) => `[{ name: long-adhoc, cluster: analytics, match: { name: "nb-*" }, olderThan: 6h, ${terms}, action: kill }, { name: stuck, cluster: analytics, match: { name: "etl-*" }, olderThan: 6h, action: kill }]`;
const policy = (more = '', terms = TERMS): string =>
  policyOf({ slack: `{ team: T0123ABCD, mayKill: [${REQUESTER}], mayApprove: [${APPROVER}], channel: ${CHANNEL}, people: { etl_dev: ${OWNER} } }`, more: `${more}\nlimits: { percentOfRunning: 100 }\ncleanup: ${rulesOf(terms)}` });

let stage: CleanupStage;
let job: SimulatedJob;
beforeEach(async () => {
  stage = await startCleanupStage(policy(), { slack: { users: [OWNER, REQUESTER, APPROVER, STRANGER] } });
  job = stage.addRunning('nb-old', 9, { user: 'etl_dev' });
});
afterEach(() => stage.close());

async function goTo(atMs: number): Promise<void> {
  stage.clock.stopAt(atMs);
  stage.clock.advanceTo(atMs);
  await stage.idle();
}

/** The messages of a run of cleanup a minute after noon: the channel's, and the owner's. */
async function warn(): Promise<{ channel: SlackMessage; owned: SlackMessage }> {
  await goTo(NOON + MINUTE_MS);
  await stage.run();
  await stage.idle();
  const [channel, owned] = stage.simulator.slack.messages().filter(({ text }) => !text.startsWith('*Cleanup'));
  if (channel === undefined || owned === undefined) throw new Error('nobody was warned');
  return { channel, owned };
}

const message = ({ ts }: SlackMessage) => stage.simulator.slack.messages().find((candidate) => candidate.ts === ts) as SlackMessage;
const titles = (cards: SlackMessage[]): string[] => cards.map((card) => message(card).text.replace(/: `nb-old .*/, '').replaceAll(/<!date[^|]*\|([^>]*)>/g, '$1'));

/** The whole answer to a read, with the fallbacks of its times. */
async function read(text: string): Promise<string> {
  const responseUrl = stage.simulator.slack.newResponseUrl();
  await stage.type(text, { response_url: responseUrl, user_id: STRANGER });
  await stage.idle();
  const [{ body } = { body: {} }] = stage.simulator.slack.responses().filter(({ url }) => url === responseUrl);
  return (body as { blocks: { text: { text: string } }[] }).blocks.map((block) => block.text.text).join('\n').replaceAll(/<!date[^|]*\|([^>]*)>/g, '$1');
}

describe('a job that is warned', () => {
  it('is told of in the channel and with its owner, and in the report', async () => {
    const { channel, owned } = await warn();
    expect([channel.channel, owned.channel.charAt(0)]).toEqual([CHANNEL, 'D']);
    expect(titles([channel, owned])).toEqual(['Will be killed at 12:31 UTC unless kept', 'Will be killed at 12:31 UTC unless kept']);
    expect(stage.report().text).toBe('*Cleanup*\n• `long-adhoc`: 1 matched, 0 being killed, 1 warned');
    expectNoKill(stage);
  });

  it('is kept by its owner from the message of their own: both say so, /mrs kept and why do, and nothing was killed', async () => {
    const { channel, owned } = await warn();
    await goTo(NOON + 11 * MINUTE_MS);
    expect(await stage.clickAndRead(owned, 'keep', OWNER)).toEqual([]);
    expect(titles([channel, owned])).toEqual(['Kept until 14:11 UTC by its owner', 'Kept until 14:11 UTC by its owner']);
    for (const card of [channel, owned]) expect([buttonsOf(message(card)), JSON.stringify(message(card).blocks)]).toEqual([[], expect.stringContaining('kept for 2 h in all, of 4 h at most')]);
    const kept = `kept until 2026-11-22 14:11 UTC by <@${OWNER}>, for 2 h in all, of 4 h at most; warned by rule \`long-adhoc\``;
    expect(await read('kept')).toBe(`*1 job is kept*\n• \`nb-old (${job.job_id})\` in \`analytics\`: ${kept}`);
    const why = await read('why nb-old');
    expect(why).toContain(`*What holds it back*\n• ${kept}; until then no cleanup rule, no pick and no rule with \`warn\` kills it\n`);
    expect(why).not.toContain('Open requests');
    expect(await read('history nb-old')).toMatch(new RegExp(`^\\*No request about \`nb-old\` ended in the last 30 days, but .*\\*\n• \\*Kept\\* \`nb-old .*\` in \`analytics\` until 2026-11-22 14:11 UTC, 0 s ago, by <@${OWNER}>, warned by rule \`long-adhoc\`$`));
    expectNoKill(stage);
  });

  it('is told to a click on its messages after a keep: the newer one below', async () => {
    const { channel } = await warn();
    await stage.click(channel, 'keep', OWNER);
    await stage.idle();
    await goTo(NOON + 2 * HOUR_MS + MINUTE_MS + 1_000);
    const newer = stage.simulator.slack.messages().filter((card) => buttonsOf(card).length > 0);
    expect(titles(newer)).toEqual(['Will be killed at 14:31 UTC unless kept', 'Will be killed at 14:31 UTC unless kept']);
    expect(titles([channel])).toEqual(['There is a newer warning below']);
    expect(await read('why nb-old')).toMatch(/\*What holds it back\*\n• warned by `long-adhoc`: will be killed at 2026-11-22 14:31 UTC, unless somebody keeps it\n/);
    const value = JSON.stringify({ do: 'warned', name: JSON.parse(buttonsOf(channel)[0]?.value ?? '').name, start: 1 });
    expect(await stage.clickAndRead(channel, 'kill-now', REQUESTER, { value })).toEqual(['There is a newer warning below; this click changed nothing.']);
    expectNoKill(stage);
  });

  it('is killed now by who may: the messages say so, and who is late is told; history has it', async () => {
    const { channel, owned } = await warn();
    expect(await read('history')).toMatch(/\*No request ended in the last 30 days, but people were warned or kept a job\*\n• \*Warned\* `nb-old .*, by rule `long-adhoc`: it will be killed at 2026-11-22 12:31 UTC unless kept$/);
    expect(await stage.clickAndRead(channel, 'kill-now', REQUESTER)).toEqual([]);
    await goTo(NOON + 5 * MINUTE_MS);
    expect(stage.simulator.killed()).toEqual([job.job_id]);
    expect(titles([channel, owned])).toEqual(['Killed', 'Killed']);
    const value = buttonsOf(owned)[0]?.value ?? '';
    expect(await stage.clickAndRead(owned, 'keep', OWNER, { value })).toEqual([expect.stringMatching(/^Killed: /)]);
    expect(titles([channel, owned])).toEqual(['Killed', 'Killed']);
    expect(await read('history')).toMatch(/^\*How the last request ended\*\n• \*Killed\* `nb-old [^\n]*$/);
    expect(await read('kept')).toBe('*No job is kept now*');
  });

  it('that ended by itself says so at a click, before its time is up', async () => {
    const { channel, owned } = await warn();
    stage.simulator.endJob(job.job_id, 'SUCCEEDED');
    expect(await stage.clickAndRead(channel, 'keep', OWNER)).toEqual([expect.stringMatching(/^Already over: /)]);
    expect(titles([channel, owned])).toEqual(['Already over', 'Already over']);
    await goTo(NOON + 40 * MINUTE_MS);
    expect(titles([channel, owned])).toEqual(['Already over', 'Already over']);
    expectNoKill(stage);
  });
});

describe('keeps of a job', () => {
  const live = (): SlackMessage[] => stage.simulator.slack.messages().filter((card) => buttonsOf(card).length > 0);
  const labels = (): string[] => buttonsOf(live()[0] as SlackMessage).map(({ text }) => text.text);

  it('add up: when keepAtMost is used only an approver keeps it further, and nothing was killed', async () => {
    await warn();
    for (const [round, label] of ['Keep 2h', 'Keep 2h'].entries()) {
      expect(labels()[0]).toBe(label);
      expect(await stage.clickAndRead(live()[1] as SlackMessage, 'keep', OWNER)).toEqual([]);
      await goTo(NOON + (round + 1) * (2 * HOUR_MS + 10_000) + MINUTE_MS);
    }
    const [channel] = live();
    expect(JSON.stringify(channel?.blocks)).toContain('kept for 4 h in all, of 4 h at most');
    expect(JSON.stringify(channel?.blocks)).toContain(`may be kept only by an approver now: <@${APPROVER}>`);
    for (const user of [OWNER, REQUESTER]) expect(await stage.clickAndRead(channel as SlackMessage, 'keep', user)).toEqual([expect.stringMatching(/^Refused: mayApprove\. The job was kept for as long as its rule allows/)]);
    expect(await stage.clickAndRead(channel as SlackMessage, 'keep', APPROVER)).toEqual([]);
    expect(await read('kept')).toContain(`kept until 2026-11-22 18:01 UTC by <@${APPROVER}>, for 6 h in all, of 4 h at most; warned by rule \`long-adhoc\``);
    expectNoKill(stage);
  });
});

describe('Kill now of a job that an approver has to agree to', () => {
  it('asks an approver on the card, not the person who clicked; a no ends it, and nothing was killed', async () => {
    stage.deploy(policy('ask: [{ trigger: slack, who: approver }]'));
    const { channel, owned } = await warn();
    expect(await stage.clickAndRead(channel, 'kill-now', REQUESTER)).toEqual([]);
    const question = stage.simulator.slack.messages().at(-1) as SlackMessage;
    expect(question.text).toMatch(/^Kill this job\? An approver has to approve it/);
    expect(await stage.clickAndRead(question, 'kill', REQUESTER)).toEqual([expect.stringMatching(/^Refused: mayApprove\. You asked for this yourself/)]);
    // The buttons of the warning are gone; who saw them a moment ago is told what holds.
    const value = buttonsOf(owned)[0]?.value ?? '';
    expect(await stage.clickAndRead(owned, 'keep', OWNER, { value })).toEqual([`The kill is on its way: <@${REQUESTER}> clicked Kill now; this click changed nothing.`]);
    expect(titles([channel, owned])).toEqual(['The kill is on its way', 'The kill is on its way']);
    expect(await stage.clickAndRead(message(question), 'decline', APPROVER)).toEqual([]);
    expect(titles([channel, owned])).toEqual(['Declined', 'Declined']);
    expectNoKill(stage);
  });
});

describe('/mrs why', () => {
  it.each([
    ['', 'fits it now: the next run warns people for 30m, then kills it'],
    ['ask: [{ trigger: cleanup, who: approver }]', 'fits it now: the next run warns people for 30m, then asks an approver'],
    ['dryRun: true', 'fits it now: the next run would kill it (dry run)'],
  ])('of a rule that warns says what would happen, %s', async (more, words) => {
    stage.deploy(policy(more));
    expect(await read('why nb-old')).toContain(`• cleanup rule \`long-adhoc\` ${words}`);
  });
});

describe('/mrs cleanup', () => {
  const preview = async (): Promise<SlackMessage> => {
    const responseUrl = stage.simulator.slack.newResponseUrl();
    await stage.type('cleanup', { response_url: responseUrl });
    await stage.idle();
    const [{ body } = { body: {} }] = stage.simulator.slack.responses().filter(({ url }) => url === responseUrl);
    const { text, blocks } = body as Pick<SlackMessage, 'text' | 'blocks'>;
    return { text, blocks, channel: CHANNEL, ts: '1795348800.000100', history: [], ephemeralFor: REQUESTER };
  };

  it('says which of the jobs are warned first, and its button warns of them: nothing of these was killed', async () => {
    stage.addRunning('etl-1', 9);
    stage.addRunning('nb-flink', 9, { job_type: 'Flink' });
    const note = await preview();
    expect(note.text.split('\n')[0]).toBe('*1 job would be killed by the cleanup rules, 2 would be warned first*');
    expect(note.text).toMatch(/`nb-old .*, running for 9 h, will be warned \(30m\)$/m);
    expect(note.text).toMatch(/`nb-flink .*, running for 9 h, will be warned \(30m\), then an approver will be asked$/m);
    expect(buttonsOf(note).map(({ text }) => text.text)).toEqual(['Kill or warn of these 3 jobs']);
    stage.clock.stopAt(NOON);
    expect(await stage.clickAndRead(note, 'cleanup', REQUESTER)).toEqual(['3 of 3 started, 2 of them warned first']);
    await goTo(NOON + 5 * MINUTE_MS);
    expect(stage.simulator.jobs().filter(({ job_id: id }) => stage.simulator.killed().includes(id)).map(({ job_name }) => job_name)).toEqual(['etl-1']);
    expect(stage.simulator.slack.messages().filter(({ text }) => text.startsWith('Will be killed')).length).toBeGreaterThanOrEqual(2);
    expect((await preview()).blocks.map((block) => JSON.stringify(block)).join()).toMatch(/`long-adhoc` is warning of `nb-old .*already/);
  });

  it('with nothing but warned and asked jobs kills none at once, and says so', async () => {
    const only = await preview();
    expect([only.text.split('\n')[0], buttonsOf(only).map(({ text }) => text.text)]).toEqual(['*0 jobs would be killed by the cleanup rules, 1 would be warned first*', ['Warn of this job']]);
    stage.addRunning('etl-flink', 9, { job_type: 'Flink' });
    expect((await preview()).text.split('\n')[0]).toBe('*0 jobs would be killed by the cleanup rules, 1 would be warned first, 1 would be asked about*');
    stage.deploy(policy('dryRun: true'));
    expect(buttonsOf(await preview()).map(({ text }) => text.text)).toEqual(['Dry run: would kill or warn of these 2 jobs']);
    expectNoKill(stage);
  });
});
