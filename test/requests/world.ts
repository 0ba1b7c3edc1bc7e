import { createServer, type Server, type AddressInfo } from 'node:net';
import type { OpenSend } from '../../lib/http/send.ts';
import { SENDERS } from '../alerts/senders.ts';
import { type VirtualClock, virtualClock } from '../local/clock.ts';
import { ANALYTICS_ID, PROJECT_ID } from '../simulator/client.ts';
import type { SimulatedJob } from '../simulator/simulator.ts';
import { buttonsOf, commandForm, signSlack } from '../simulator/slack-client.ts';
import { openSendTo } from '../simulator/smn-send.ts';
import { type Stage, startStage } from '../stage/stage.ts';
import { APPROVER, type Around, type Button, KILLER } from './asked.ts';
import { HOSTILE_URLS } from './hostile.ts';
import { API_TOKEN, SIGNING_SECRET } from './proofs.ts';

/** 2026-11-22 12:00 UTC. */
const NOON = 1_795_348_800_000;
const DAY_MS = 86_400_000;
const BOT_TOKEN = 'xoxb-token-of-all-requests';
const UNLISTED_ID = '7f3e9a52-0c4d-4f1b-9f0e-3f6f6d1f2a10';
const DEV_ID = 'bc134369-294c-42b7-a707-b2036ba38524';

/** `aws` is called as Lambda calls it, `own` over real sockets. In a world in which nothing `matches` nobody may have anything killed. */
export type Setting = { home: 'aws' | 'own'; matches: boolean };

/** One whole product with jobs to aim at. */
export type World = {
  setting: Setting;
  stage: Stage;
  /** Jobs that a request may name: of somebody who may have them killed or not, for a rule that asks first or not. */
  jobsFor: (isMeant: boolean, rule: string, nth: number) => SimulatedJob[];
  /** Whether a job may die when somebody who may means it. */
  mayDie: (jobId: string) => boolean;
  around: (jobs: SimulatedJob[]) => Around;
  /** Remembers the buttons of what was posted to Slack. */
  noteButtons: (posted: { channel?: string; ts?: string; blocks?: unknown }) => void;
  /** Puts jobs in the place of those that were killed, and ends a pause. */
  refill: () => Promise<void>;
  /** Connections to the server that nothing may lead to. */
  trapped: () => number;
  close: () => Promise<void>;
};

function policyOf({ matches }: Setting): string {
  const word = (name: string): string => (matches ? name : `never-${name}-8f2d1c`);
  return `
dryRun: false
clusters:
  analytics: { id: ${ANALYTICS_ID}, project: ${PROJECT_ID}, region: eu-west-101 }
  dev: { id: ${DEV_ID} }
protected: [{ name: "${matches ? 'billing-*' : '*'}" }]
ask: [{ match: { type: Flink }, who: approver }]
limits: { perDelivery: 10, perHour: 100000, percentOfRunning: 50 }
slack: { team: T0123ABCD, mayKill: [${matches ? KILLER : 'U0NOBODY1'}], mayApprove: [${APPROVER}], channel: C0123456789 }
alerts:
  - { match: { alertname: ${word('MrsJobStuck')} }, action: kill }
  - { match: { alertname: ${word('MrsAsk')} }, action: ask }
  - { match: { alertname: ${word('MrsTell')} }, action: notify }
  - { match: { alertname: ${word('MrsWarn')} }, warn: 30m, keep: 2h, keepAtMost: 24h, action: kill }
  - { match: { alertname: ${word('MrsPick')} }, cluster: analytics, pick: { name: "bait-*", order: longest-running, count: 1, cooldown: 1m }, action: kill }
  - { match: { title: "*${word('MrsJobStuck')}*" }, action: kill }
  - { match: { title: "*${word('MrsAsk')}*" }, action: ask }
  - { source: smn, match: { alarm_name: "${word('ALM-18020')}*" }, action: kill }
  - { source: smn, match: { alarm_name: "${word('ALM-18022')}*" }, action: ask }
  - { match: { alarm_name: "${word('MrsJobStuck')}*" }, action: kill }
cleanup: [{ name: stale, cluster: analytics, match: { name: "${matches ? 'bait-*' : 'never-8f2d1c'}" }, olderThan: 6h, action: kill }]
`;
}

/** Starts one, with another way out than the product's where that is to be seen through; whoever calls it closes it. */
export async function startWorld(setting: Setting, wayOut?: OpenSend): Promise<World> {
  const trap = await startTrap();
  const clock = virtualClock(NOON);
  const senders = Object.values(SENDERS).map(({ env }) => env);
  const stage = await startStage<VirtualClock>(
    {
      home: setting.home,
      policy: policyOf(setting),
      clock,
      env: { ...Object.assign({}, ...senders), ALERT_TOKENS: [...new Set(senders.map(({ ALERT_TOKENS }) => ALERT_TOKENS).filter(Boolean))].join(','), API_TOKENS: `ci:${API_TOKEN}`, SLACK_SIGNING_SECRET: SIGNING_SECRET, SLACK_BOT_TOKEN: BOT_TOKEN, ASK_TIMEOUT_SEC: '60' },
      simulator: { killDelayMs: 1_000, slack: { botToken: BOT_TOKEN }, clusters: [{ id: ANALYTICS_ID, name: 'analytics', projectId: PROJECT_ID }, { id: DEV_ID, name: 'dev', projectId: PROJECT_ID }, { id: UNLISTED_ID, name: 'unlisted', projectId: PROJECT_ID }] },
      openSend: (url, ofHome) => leadSmnTo(url, wayOut ?? ofHome),
    },
    NOON,
  );
  const { simulator } = stage;
  let number = 0;
  let count = 0;
  const add = (name: string, fields: Partial<SimulatedJob> = {}): SimulatedJob =>
    simulator.addJob({ cluster_id: ANALYTICS_ID, job_name: `${name}-${++number}`, tracking_url: HOSTILE_URLS[number % HOSTILE_URLS.length]?.replace('trap.of.this.run:1', trap.host) ?? '', submitted_time: clock.now() - DAY_MS, started_time: clock.now() - DAY_MS + 5_000, ...fields });
  /** Who may have jobs killed may have these killed, and nobody else names them. */
  const bait = Array.from({ length: 8 }, () => add('bait'));
  const baits = new Set(bait.map(({ job_id: id }) => id));
  const guarded = [add('billing'), add('sql', { job_type: 'SparkSql' }), add('stream', { job_type: 'Flink' }), add('far', { cluster_id: UNLISTED_ID })];
  const asked = [add('asked'), add('asked')];
  const foreign = Array.from({ length: 6 }, (_, nth) => add('foreign', nth === 0 ? { cluster_id: DEV_ID } : {}));
  for (let nth = 0; nth < 4; nth++) add('unnamed');
  let buttons: Button[] = [];

  return {
    setting,
    stage,
    jobsFor(isMeant, rule, nth) {
      if (!isMeant) return [...foreign, ...guarded];
      if (rule === 'MrsAsk') return asked;
      return nth % 5 === 0 ? guarded : bait;
    },
    mayDie: (jobId) => baits.has(jobId),
    around: (jobs) => ({ home: setting.home, nowMs: clock.now(), count: ++count, jobs, trap: trap.host, newResponseUrl: () => simulator.slack.newResponseUrl(), buttons }),
    noteButtons({ channel = '', ts = '', blocks }) {
      const shown = buttonsOf({ blocks: blocks as never }).map((button) => ({ actionId: button.action_id ?? '', value: button.value ?? '', channel, ts }));
      buttons = [...buttons, ...shown].slice(-30);
    },
    async refill() {
      for (const [nth, { job_id: id }] of bait.entries()) {
        if (simulator.job(id)?.job_state === 'RUNNING') continue;
        const next = add('bait', { job_type: nth % 3 === 0 ? 'MapReduce' : 'SparkSubmit' });
        baits.add(next.job_id);
        bait[nth] = next;
      }
      const body = commandForm({ text: 'resume', user_id: APPROVER, response_url: simulator.slack.newResponseUrl() }).toString();
      const nowSec = Math.floor(clock.now() / 1_000);
      await stage.call('POST /slack/command', { body, headers: { 'x-slack-request-timestamp': String(nowSec), 'x-slack-signature': signSlack(SIGNING_SECRET, nowSec, body) } });
      await stage.backend.idle();
    },
    trapped: trap.connections,
    async close() {
      trap.server.close();
      await stage.close();
    },
  };
}

/** SMN's hosts and its consoles are played by the simulator, once the product's own way out has judged the URL; everything else leaves as it does outside of tests. */
function leadSmnTo(url: string, openSend: OpenSend): OpenSend {
  return (origins, mostBytes) => {
    const allowed = [...origins];
    const [here, out] = [openSendTo(url)(allowed, mostBytes), openSend(allowed, mostBytes)];
    return (call) => (/(?:myhuaweicloud|huaweicloud|t-systems)\.(?:com|eu)$/.test(call.url.hostname) ? here(call) : out(call));
  };
}

type Trap = { server: Server; host: string; connections: () => number };

async function startTrap(): Promise<Trap> {
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, host: `127.0.0.1:${(server.address() as AddressInfo).port}`, connections: () => connections };
}
