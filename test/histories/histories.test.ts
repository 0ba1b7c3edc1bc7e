import { afterEach, describe, expect, it } from '@jest/globals';
import { WORKFLOW_VERSION } from '../../lib/start/workflow-version.ts';
import { POLICY } from '../scenes/scene.ts';
import { startWarnStage, type WarnStage } from '../stage/warn.ts';
import { type History, type RecordedOperation, readHistory, readManifest, sdkOfToday, versions, writeHistories } from './history.ts';
import { record, replay, type Replayed } from './replay.ts';
import { type Wait, WAITS } from './waits.ts';

const TO_RECORD = process.env['RECORD_HISTORIES'] === 'true';
const RAISE = 'Raise WORKFLOW_VERSION (lib/start/workflow-version.ts), then: npm run histories';

let stage: WarnStage;
afterEach(() => stage?.close());

/** Plays up to a wait. */
async function playUpTo({ upTo, env = {} }: Wait): Promise<void> {
  stage = await startWarnStage(POLICY, { env });
  await upTo(stage);
}

/** Plays up to a wait, and goes on from `history` instead of what was played. */
async function goOnFrom(wait: Wait, history: History): Promise<Replayed> {
  await playUpTo(wait);
  return replay(stage, history, (engine) => wait.goOn?.(stage, engine, history.name));
}

/** A name that says what to do, where it is read. */
const judge = ({ status, error }: Replayed['view']): string => (status === 'SUCCEEDED' ? status : `${status} ${error?.ErrorType}: ${error?.ErrorMessage}. ${RAISE}`);

if (TO_RECORD) {
  it('records the histories of today', async () => {
    const histories = new Map<string, History>();
    for (const wait of WAITS) {
      await playUpTo(wait);
      histories.set(wait.name, record(stage));
      await stage.close();
    }
    writeHistories(histories);
  }, 60_000);
} else {
  describe(`the histories of workflow version ${WORKFLOW_VERSION}`, () => {
    it('are there, and those of no other version: an execution of another one is never replayed', () => {
      expect({ versions: versions(), otherwise: RAISE }).toEqual({ versions: [WORKFLOW_VERSION], otherwise: RAISE });
    });

    it('were recorded with the SDK of today', () => {
      expect({ ...readManifest(), otherwise: RAISE }).toEqual({ sdk: sdkOfToday(), otherwise: RAISE });
    });

    it.each(WAITS)('$name: today goes on from there, and does nothing again that was done', async (wait) => {
      const history = readHistory(wait.name);
      const { view, wrote } = await goOnFrom(wait, history);
      expect(judge(view)).toBe('SUCCEEDED');
      expect(JSON.parse(view.result ?? '{}')).toMatchObject({ outcome: wait.outcome });
      const done = history.operations.filter(({ Status }) => Status === 'SUCCEEDED').map(({ Name }) => Name);
      expect(done.length).toBeGreaterThan(2);
      expect(wrote.filter(({ name }) => done.includes(name))).toEqual([]);
      expect(stage.simulator.kills()).toHaveLength(wait.posts);
    });

    it.each<[string, (operations: RecordedOperation[]) => void]>([
      ['renamed', (operations) => void (operations[1]!.Name = 'find')],
      ['moved', (operations) => void ([operations[1]!.Name, operations[2]!.Name] = [operations[2]!.Name!, operations[1]!.Name!])],
      ['of another kind', (operations) => void (operations[2]!.Type = 'WAIT')],
    ])('a move that is %s by now is red, and says what to do', async (_, alter) => {
      const history = structuredClone(readHistory('following'));
      alter(history.operations);
      const { view } = await goOnFrom(WAITS.find(({ name }) => name === 'following')!, history);
      expect(judge(view)).toMatch(/^FAILED NonDeterministicExecutionError: .* Raise WORKFLOW_VERSION/);
      expect(stage.simulator.kills()).toHaveLength(1); // the one of before
    });
  });
}
