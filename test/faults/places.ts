import { LedgerFailed } from '../../lib/ledger/port.ts';
import type { Fault as HttpFault, RecordedRequest } from '../simulator/simulator.ts';
import { FAULTS, type Fault, httpFaults, type Length, SLACK_EXPIRED } from './faults.ts';
import type { World } from './world.ts';

/** Where something goes wrong, and what can go wrong there. A ledger has troubles of its own; so has an engine, at its starts. */
export const PLACES = {
  look: FAULTS,
  'kill POST': FAULTS,
  'status read': FAULTS,
  Slack: FAULTS,
  'parameter store': FAULTS,
  ledger: ['unreachable', 'slow', 'throttled', 'stale value'],
  engine: ['no answer', 'reset', 'throttled', '5xx'],
} as const;
export type Place = keyof typeof PLACES;

/** DynamoDB's answers that come late come after this; the client gives up at a second. */
const SLOW_LEDGER_MS = 900;

/** From now on `fault` happens at `place`, at its first call or at each. */
export function breakPlace(world: World, place: Place, fault: string, length: Length): void {
  const { stage } = world;
  const isHit = counted(length);
  switch (place) {
    case 'ledger':
      return breakLedger(world, fault, length, isHit);
    case 'engine': {
      const faults = { 'no answer': 'after-effect', reset: 'hang-up', throttled: { status: 429, type: 'TooManyRequestsException' }, '5xx': { status: 500, type: 'ServiceException' } } as const;
      stage.lambda.script = ({ on }) => (on === 'start' && isHit() ? faults[fault as keyof typeof faults] : undefined);
      return;
    }
    case 'parameter store':
      world.parameterFault = () => (isHit() ? (fault as Fault) : undefined);
      return;
    default:
      if (fault !== 'clock an hour off') breakHttp(world, place, fault as Exclude<Fault, 'clock an hour off'>, isHit);
  }
}

/** From now on all goes well. */
export function mend(world: World): void {
  const { stage } = world;
  world.parameterFault = () => undefined;
  stage.simulator.clearFaults();
  stage.lambda.script = () => undefined;
  stage.ledger.script = () => undefined;
  stage.ledger.pause = () => undefined;
}

/** True at the first call only, or at each. */
function counted(length: Length): () => boolean {
  let calls = 0;
  return () => ++calls === 1 || length === 'for good';
}

function breakHttp(world: World, place: 'look' | 'kill POST' | 'status read' | 'Slack', fault: Exclude<Fault, 'clock an hour off'>, isHit: () => boolean): void {
  const { simulator } = world.stage;
  const isAt: Record<typeof place, (request: RecordedRequest) => boolean> = {
    look: ({ method, path }) => method === 'GET' && path.includes('/job-executions') && simulator.kills().length === 0,
    'kill POST': ({ path }) => path.endsWith('/kill'),
    'status read': ({ method, path }) => method === 'GET' && path.includes('/job-executions') && simulator.kills().length > 0,
    Slack: ({ path }) => /^\/(?:api\/chat\.|hooks\/)/.test(path),
  };
  const { answer, before } = httpFaults(world)[fault];
  const own: Partial<HttpFault> | undefined = place === 'Slack' && fault === 'expired token' ? SLACK_EXPIRED : place === 'kill POST' && answer?.status === 200 ? { ...answer, status: 202 } : answer;
  simulator.fault({
    on: 'any',
    times: Infinity,
    ...own,
    when(request) {
      if (!isAt[place](request) || !isHit()) return false;
      before?.(request);
      return own !== undefined;
    },
  });
}

function breakLedger(world: World, fault: string, length: Length, isHit: () => boolean): void {
  const { stage, passes } = world;
  const { ledger } = stage;
  switch (fault) {
    case 'unreachable':
      ledger.script = () => (isHit() ? 'fails' : undefined);
      return;
    case 'throttled':
      ledger.script = () => (isHit() ? new LedgerFailed('throttled', 'DynamoDB throttles the ledger') : undefined);
      return;
    case 'slow':
      ledger.pause = () => (isHit() ? Promise.resolve().then(() => passes(SLOW_LEDGER_MS)) : undefined);
      return;
    // A read that does not see what was written, or a table that was put back to a backup of before, while the POST is on its way.
    default: {
      if (length === 'for good') {
        stage.simulator.fault({ on: 'kill', times: Infinity, when: () => (stage.simulator.kills().length === 1 && world.forget(), false) });
        return;
      }
      const as = { ...ledger };
      ledger.get = async (keys, call) => {
        const read = await as.get(keys, call);
        return isHit() ? keys.map(() => undefined) : read;
      };
      ledger.list = async (partition, options) => {
        const read = await as.list(partition, options);
        return isHit() ? { entries: [] } : read;
      };
    }
  }
}
