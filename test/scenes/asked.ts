import { expect } from '@jest/globals';
import { claimAnswer } from '../../lib/slack/claim-answer.ts';
import { APPROVER, REQUESTER } from '../stage/slack.ts';
import type { WarnStage } from '../stage/warn.ts';
import { alert, live } from './alerted.ts';
import { POLICY, type Scene } from './scene.ts';
import { CLOSE, HELD, KILL, SETTLE } from './words.ts';

const MINUTE_MS = 60_000;
const NOTHING = { posts: 0, killed: [] };
const ETL = { posts: 1, killed: ['etl'] };

const asked = alert('Asked');
const yes = (stage: WarnStage): Promise<string[]> => stage.clickAndRead(live(stage), 'kill', APPROVER);
const no = (stage: WarnStage): Promise<string[]> => stage.clickAndRead(live(stage), 'decline', APPROVER);
const wait = (stage: WarnStage, minutes: number): Promise<void> => stage.goTo(stage.now() + minutes * MINUTE_MS);
const playing = (...acts: ((stage: WarnStage) => unknown)[]) => async (stage: WarnStage): Promise<void> => {
  for (const act of acts) await act(stage);
};
/** Wakes the run, or tries to, past the door: it throws what the engine says to a callback that nobody waits for. */
const wake = ({ backend }: WarnStage): void => backend.succeedCallback(backend.callbacks().at(-1)?.id ?? '', 'answered');
const refused = (stage: WarnStage): void => expect(() => wake(stage)).toThrow(expect.objectContaining({ name: 'CallbackTimeoutException' }));

/** The click comes while the card gets its buttons: the run has not gone to sleep. */
function clickEarly({ simulator, load, outside: { log }, backend }: WarnStage): void {
  simulator.fault({
    on: 'slack',
    times: Infinity,
    when({ path, body }) {
      if (path === '/api/chat.update' && body.includes('"action_id":"decline"')) {
        const name = backend.list({})[0]?.name ?? '';
        void claimAnswer(load(), { log }, { name, start: 1 }, { what: 'yes', user: APPROVER, refuse: () => undefined });
      }
      return false;
    },
  });
}

/** What somebody is asked about. */
export const ASKED: Scene[] = [
  { name: 'asked, and an approver says yes', play: playing(asked, yes), ends: ['killed'], ...ETL, runs: [`kill: ${HELD} card answer look-again ${KILL} ${SETTLE}`] },
  { name: 'asked, and an approver says no', play: playing(asked, no), ends: ['declined'], ...NOTHING, runs: [`kill: ${HELD} card answer ${SETTLE}`] },
  { name: 'asked, and nobody answers', play: playing(asked, (stage) => wait(stage, 16)), ends: ['expired'], ...NOTHING, runs: [`kill: ${HELD}!TIMED_OUT card answer ${SETTLE}`] },
  { name: 'asked, and nobody has answered yet', play: playing(asked, (stage) => wait(stage, 14)), ends: [], ...NOTHING, runs: [`kill: ${HELD}!STARTED card`] },
  { name: 'a click that comes before the run sleeps', play: playing(clickEarly, asked), ends: ['killed'], ...ETL, runs: [`kill: ${HELD} card answer look-again ${KILL} ${SETTLE}`] },
  { name: 'a click that comes when the time is up', play: playing(asked, (stage) => wait(stage, 16), refused), ends: ['expired'], ...NOTHING, runs: [`kill: ${HELD}!TIMED_OUT card answer ${SETTLE}`] },
  { name: 'two clicks: the first one decides', play: playing(asked, no, refused), ends: ['declined'], ...NOTHING, runs: [`kill: ${HELD} card answer ${SETTLE}`] },
  { name: 'woken without an answer', play: playing(asked, wake), ends: ['failed'], ...NOTHING, runs: [`kill: ${HELD} card answer ${SETTLE}`] },
  {
    name: 'a callback that was failed from outside',
    play: playing(asked, ({ backend }) => backend.failCallback(backend.callbacks()[0]?.id ?? '', { ErrorType: 'Gone', ErrorMessage: 'the channel was deleted' })),
    ends: ['failed'], ...NOTHING, runs: [`kill: ${HELD}!FAILED card answer ${SETTLE}`],
  },
  { name: 'protected meanwhile', play: playing(asked, (stage) => stage.deploy(POLICY.replace('billing-*', 'etl')), yes), ends: ['refused: protected'], ...NOTHING, runs: [`kill: ${HELD} card answer look-again ${SETTLE}`] },
  { name: 'over meanwhile', play: playing(asked, ({ simulator }) => simulator.endJob(simulator.jobs()[0]?.job_id ?? '', 'SUCCEEDED'), yes), ends: ['already-over'], ...NOTHING, runs: [`kill: ${HELD} card answer look-again ${SETTLE}`] },
  { name: 'a person asks and confirms', policy: POLICY.replace('ask: [', 'ask: [{ trigger: slack, who: requester }, '), play: playing((stage) => stage.addRunning('etl', 1), (stage) => stage.type('kill etl'), (stage) => stage.idle(), (stage) => stage.clickAndRead(live(stage), 'kill', REQUESTER)), ends: ['killed'], ...ETL, runs: [`kill: begin look asked ask(callback) card answer look-again record audit-before kill-1 answer-1 killing follow ${CLOSE}`] },
  { name: 'a question that Slack takes at the third call', play: playing(alert('Asked', {}, ({ simulator }) => simulator.fault({ on: 'slack', status: 503, times: 2 })), yes), ends: ['killed'], ...ETL, runs: [`kill: ${HELD} card×3 answer look-again ${KILL} ${SETTLE}`] },
  { name: 'a question that cannot be posted', play: alert('Asked', {}, ({ simulator }) => simulator.fault({ on: 'slack', status: 503, times: Infinity, when: ({ body }) => !body.includes('Failed') })), ends: ['failed'], ...NOTHING, runs: [`kill: ${HELD}!STARTED card×5!FAILED answer ${SETTLE.replace(' audit', ' cards-again audit')}`] },
  { name: 'told, and somebody clicks', play: playing(({ clock }) => clock.stopAt(clock.now()), alert('Told'), (stage) => stage.clickAndRead(live(stage), 'start', REQUESTER), (stage) => stage.clickAndRead(live(stage), 'kill', REQUESTER), (stage) => wait(stage, 11)), ends: ['killed', 'notified'], ...ETL, runs: [
      `kill: begin look notify remember-told follow-notice×2 ${CLOSE}`,
      `kill: begin look asked ask(callback) card answer look-again record audit-before kill-1 answer-1 killing follow ${CLOSE}`,
    ] },
];
