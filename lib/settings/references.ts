import type { Clock } from '../core/time.ts';

type Env = Record<string, string | undefined>;

/** Where we run: on AWS, where a reference is `ssm:/name`, or in the own home, where it is `file:/absolute/path`. */
export type Home = 'aws' | 'own';

/** Reads what references lead to, parameters by name or files by path; those that do not exist are missing in the answer. Throws where none can be read. */
export type ReadParameters = (names: readonly string[]) => Promise<ReadonlyMap<string, string>>;

/** An environment whose references are replaced by what they refer to. */
export type References = {
  /** As of the last refresh; a reference that could not be read yet stands there as it is. */
  env: () => Env;
  /** Grows whenever a value has changed. */
  version: () => number;
  /** Reads what is due: at first use, then every five minutes. Trouble keeps the old values. */
  refresh: () => Promise<void>;
  /** After somebody was refused: reads again, at most once a minute. True where a value changed, so that a second try makes sense. */
  refreshAfterRefusal: () => Promise<boolean>;
};

const REFRESH_EVERY_MS = 5 * 60_000;
const AFTER_REFUSAL_EVERY_MS = 60_000;
const RETRY_AFTER_MS = 5_000;

/** A path may have blanks in it. */
const REFERENCE: Readonly<Record<Home, RegExp>> = { aws: /^\s*ssm:(\/\S+)\s*$/, own: /^\s*file:(\/.*\S)\s*$/ };

/** The name or the path that a value refers to; undefined where it is a value itself, or a reference of the other home. */
export function referenceIn(value: string | undefined, home: Home = 'aws'): string | undefined {
  return REFERENCE[home].exec(value ?? '')?.[1];
}

/** `PAUSED` is not among them: it is read fresh, each time. */
export function createReferences(env: Env, read: ReadParameters, clock: Pick<Clock, 'now'>, home: Home = 'aws'): References {
  const references = Object.entries(env).flatMap(([variable, value]): [string, string][] => {
    const name = variable === 'PAUSED' ? undefined : referenceIn(value, home);
    return name === undefined ? [] : [[variable, name]];
  });
  const names = [...new Set(references.map(([, name]) => name))];
  let values: ReadonlyMap<string, string> = new Map();
  let version = 0;
  let readAtMs = -Infinity;
  let failedAtMs = -Infinity;
  let reading: Promise<void> | undefined;

  async function readNow(): Promise<void> {
    try {
      const found = await read(names);
      if ([...found].some(([name, value]) => values.get(name) !== value)) version++;
      values = new Map([...values, ...found]);
      readAtMs = clock.now();
    } catch {
      failedAtMs = clock.now();
      // What was read before still holds. What was never read stays a reference, which the settings name as a problem.
    }
  }

  const readIfOlderThan = async (ageMs: number): Promise<void> => {
    if (names.length === 0 || clock.now() - readAtMs < ageMs || clock.now() - failedAtMs < RETRY_AFTER_MS) return;
    reading ??= readNow().finally(() => (reading = undefined)); // one for all who wait
    await reading;
  };

  return {
    env: () => ({ ...env, ...Object.fromEntries(references.flatMap(([variable, name]) => (values.has(name) ? [[variable, values.get(name)]] : []))) }),
    version: () => version,
    refresh: () => readIfOlderThan(REFRESH_EVERY_MS),
    async refreshAfterRefusal() {
      const before = version;
      await readIfOlderThan(AFTER_REFUSAL_EVERY_MS);
      return version !== before;
    },
  };
}

/** What the off switch says. Who would kill takes `unreadable` for on. */
export type Paused = boolean | 'unreadable';

const TRIES = 3;
const PAUSE_MS = 200;

/**
 * Whether the off switch is on: `PAUSED` is `true`, or refers to a parameter or a file that is; `unreadable` where it says anything
 * but `true` and `false`, and where it could not be read in three tries, the pauses between them 0.6 s together. Reads afresh at each
 * call, behind a reference too, and never throws.
 */
export async function readPaused(env: Env, read: ReadParameters, clock: Pick<Clock, 'sleep'>, home: Home = 'aws'): Promise<Paused> {
  const value = env['PAUSED'] ?? '';
  const name = referenceIn(value, home);
  if (name === undefined) return value === '' ? false : toPaused(value);
  for (let tries = 1; ; tries++) {
    try {
      return toPaused((await read([name])).get(name)?.trim());
    } catch {
      if (tries === TRIES) return 'unreadable';
      await clock.sleep(PAUSE_MS * tries);
    }
  }
}

function toPaused(text: string | undefined): Paused {
  return text === 'true' || text === 'false' ? text === 'true' : 'unreadable';
}
