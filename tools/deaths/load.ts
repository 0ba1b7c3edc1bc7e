import { setTimeout as sleep } from 'node:timers/promises';
import { ALERT_TOKEN, API_TOKEN, SIGNING_SECRET } from '../../test/home/serve/process.ts';
import { JOBS_PATH } from '../../test/simulator/client.ts';
import { commandForm, sendSlack } from '../../test/simulator/slack-client.ts';
import type { World } from './world.ts';

export const KINDS = ['kill', 'ask', 'warn', 'pick', 'command', 'rest'] as const;
export type Kind = (typeof KINDS)[number];

/** What was asked for. `said`: the outcome in the answer that took it on; undefined where none came. */
export type Asked = { kind: Kind; jobIds: string[]; said?: string };

export type Load = { asked: readonly Asked[]; /** Asks for nothing new while this is so. */ isHeld: boolean; /** Sends nothing new, and resolves when what is on its way has its answer, or never will. */ stop(): Promise<void> };

const EVERY_MS = 250;
/** A slow machine is asked for less. */
const MOST_OPEN = 20;
const AGAIN_AFTER_MS = 400;
/** As senders of alerts do. */
const MOST_TRIES = 50;

/** Asks for kills, one after the other, in every way there is; each for jobs of its own. */
export function beginLoad(world: World): Load {
  const asked: Asked[] = [];
  const open = new Set<Promise<void>>();
  let isOver = false;
  let count = 0;
  let picks = 0;

  function next(): void {
    const kind = KINDS[count % KINDS.length] ?? 'kill';
    count += 1;
    if (kind === 'pick' && picks >= world.picks) return;
    const number = kind === 'pick' ? picks++ : 0;
    const jobs = Array.from({ length: kind === 'pick' ? 3 : 1 }, (_, index) => world.simulator.addJob({ job_name: `job-${String(count).padStart(5, '0')}-${index}`, queue: kind === 'pick' ? `crowd-${number}` : 'default' }));
    const one: Asked = { kind, jobIds: jobs.map(({ job_id: id }) => id) };
    asked.push(one);
    const sending: Promise<void> = send(world, one, { number, isOver: () => isOver }).finally(() => open.delete(sending));
    open.add(sending);
  }

  const load: Load = {
    asked,
    isHeld: false,
    async stop() {
      isOver = true;
      await loop;
      await Promise.all(open);
    },
  };
  const loop = (async () => {
    while (!isOver) {
      if (open.size < MOST_OPEN && !load.isHeld) next();
      await sleep(EVERY_MS * (0.5 + Math.random()));
    }
  })();
  return load;
}

async function send(world: World, one: Asked, { number, isOver }: { number: number; isOver: () => boolean }): Promise<void> {
  const [jobId = ''] = one.jobIds;
  switch (one.kind) {
    case 'command':
      return keep(one, () => sendCommand(world, jobId));
    case 'rest':
      return keep(one, () => sendRest(world, jobId));
    case 'kill':
    case 'ask':
    case 'warn':
    case 'pick': {
      const name = { kill: 'Stuck', ask: 'Slow', warn: 'Doomed', pick: `Crowd-${number}` }[one.kind];
      for (let tries = 1; tries <= MOST_TRIES && one.said === undefined && !(isOver() && tries > 5); tries++) {
        await keep(one, () => sendAlert(world, name, jobId));
        if (one.said === undefined) await sleep(AGAIN_AFTER_MS);
      }
      // As a sender does whose own memory is short.
      if (Math.random() < 0.3) await keep({ ...one }, () => sendAlert(world, name, jobId));
    }
  }
}

async function keep(one: Asked, ask: () => Promise<string | undefined>): Promise<void> {
  try {
    const said = await ask();
    if (said !== undefined) one.said = said;
  } catch {
    // Nobody listened, or died before the answer: nothing was promised.
  }
}

const inTime = (): AbortSignal => AbortSignal.timeout(15_000);

async function sendAlert({ url }: World, alertname: string, jobId: string): Promise<string | undefined> {
  const body = JSON.stringify({ id: `${alertname} ${jobId}`, labels: { alertname, ...(!alertname.startsWith('Crowd') && { job_id: jobId }) } });
  const answer = await fetch(`${url}/alerts/generic`, { method: 'POST', headers: { authorization: `Bearer ${ALERT_TOKEN}` }, body, signal: inTime() });
  const { results } = (await answer.json()) as { results?: { outcome: string }[] };
  return answer.status === 202 ? results?.[0]?.outcome : undefined;
}

async function sendCommand({ url, simulator }: World, jobId: string): Promise<string | undefined> {
  const form = commandForm({ text: `kill ${jobId} on analytics`, response_url: simulator.slack.newResponseUrl() });
  const { status, text } = await sendSlack(url, '/slack/command', form, SIGNING_SECRET, Math.floor(Date.now() / 1_000));
  return status === 200 && text.includes('Looking at') ? 'accepted' : undefined;
}

async function sendRest({ url }: World, jobId: string): Promise<string | undefined> {
  const answer = await fetch(`${url}${JOBS_PATH}/${jobId}/kill`, { method: 'POST', headers: { authorization: `Bearer ${API_TOKEN}` }, signal: inTime() });
  const { outcome } = (await answer.json()) as { outcome?: string };
  return answer.ok ? outcome : undefined;
}
