import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, relative, resolve } from 'node:path';
import type { Circus } from '@jest/types';
import { loadFresh } from './fresh-modules.ts';
import { isOfPart, type PartOf } from './part-of.ts';

const require = createRequire(import.meta.url);
const circus = require('jest-circus') as typeof import('jest-circus', { with: { 'resolution-mode': 'require' } });
const { jestExpect } = require('@jest/expect') as typeof import('@jest/expect', { with: { 'resolution-mode': 'require' } });
const { ModuleMocker } = require('jest-mock') as typeof import('jest-mock', { with: { 'resolution-mode': 'require' } });

/** A test that waits longer waits for ever: the clock of most is virtual. */
const TEST_TIMEOUT_MS = 60_000;

/** Stryker's side of what instrumented code reads and writes: `__stryker__`. https://stryker-mutator.io/docs/mutation-testing-elements/mutant-states-and-metrics/ */
type Seen = Record<string, number>;
type Switch = { activeMutant?: string | undefined; currentTestId?: string | undefined; mutantCoverage?: { static: Seen; perTest: Record<string, Seen> }; hitCount?: number | undefined };
type Tested = { id: string; name: string; fileName: string; timeSpentMs: number; errors: string[] };
type MutantRun = { activeMutant: { id: string; fileName: string }; testFilter?: string[] };

/** How much processor time each test takes while no mutant is on, ms; in Stryker's copy of the project. */
const TIMES = 'test-times.json';
/** A test that takes so many times as much, and this more, is in a loop that does not end. Not by the clock: a machine may be slow. */
const MOST_TIMES = 3;
const SPARE_MS = 1_000;
/** It costs as much as many quick steps of a loop to ask for the time: after 1, 2, 4 … steps, and from then on after as many as this. A slow step may be a whole invocation. */
const MOST_STEPS = 4_096;

/**
 * Stryker's test runner for this project: jest's own `describe`, `it` and `expect` in one warm process, without jest's worlds of modules,
 * so that a mutant costs what its tests cost. Each file is loaded anew for each mutant, with the mutant on from the first line.
 */
class WarmRunner {
  readonly #root = process.cwd();
  readonly #mocker = new ModuleMocker(globalThis);
  readonly #switch: Switch = {};
  readonly #load = loadFresh(this.#root, {
    ...circus.default,
    expect: jestExpect,
    jest: { fn: this.#mocker.fn.bind(this.#mocker), spyOn: this.#mocker.spyOn.bind(this.#mocker), restoreAllMocks: () => this.#mocker.restoreAllMocks(), setTimeout: () => undefined },
  });
  #wanted: ReadonlySet<string> | undefined;
  #bail = false;
  readonly #isByOwn: boolean;
  readonly #part: PartOf | undefined;
  #times: Record<string, number> | undefined;
  #startedAt = 0;
  #isInLoop = false;
  #steps = 0;
  #nextLook = 1;

  static inject = ['options'] as const;

  /** These are no options of Stryker's. `byOwn`: a mutant is judged by the tests that import its file alone, where there are such. `part`: the others are not played. */
  constructor({ byOwn = false, part }: { byOwn?: boolean; part?: PartOf }) {
    this.#isByOwn = byOwn;
    this.#part = part;
    // Instrumented code reads it each time that it comes by the mutant that is on, and throws where it came by more often.
    Object.defineProperty(this.#switch, 'hitLimit', { get: () => (this.#isOverTime() ? -1 : Infinity) });
    Object.assign(globalThis, { __stryker__: this.#switch });
    const note = (error: unknown): void => void circus.getState().unhandledErrors.push(error as Circus.Exception);
    process.on('unhandledRejection', note);
    process.on('uncaughtException', note);
    circus.addEventHandler((event) => this.#follow(event));
  }

  capabilities(): { reloadEnvironment: boolean } {
    return { reloadEnvironment: true };
  }

  async dryRun({ testFiles = [] }: { testFiles?: string[] }): Promise<object> {
    this.#wanted = undefined;
    this.#bail = false;
    const perTest: Record<string, Seen> = {};
    this.#times = {};
    const tests: Tested[] = [];
    for (const file of testFiles) {
      this.#switch.mutantCoverage = { static: {}, perTest: {} };
      const ofFile = await this.#run(file);
      const { static: whileLoading, perTest: whileTesting } = this.#switch.mutantCoverage;
      for (const { id } of ofFile) perTest[id] = add(whileLoading, whileTesting[id] ?? {});
      tests.push(...ofFile);
    }
    writeFileSync(TIMES, JSON.stringify(this.#times)); // for those who come after this process
    const results = tests.map(({ errors, ...test }) => ({ ...test, status: errors.length > 0 ? 1 : 0, ...(errors.length > 0 && { failureMessage: errors.join('\n') }) }));
    return { status: 'complete', tests: results, mutantCoverage: { static: {}, perTest } };
  }

  async mutantRun({ activeMutant: { id, fileName }, testFilter = [] }: MutantRun): Promise<object> {
    if (!isOfPart(id, this.#part)) return { status: 'error', errorMessage: 'of another part' };
    this.#wanted = new Set(testFilter);
    this.#bail = true;
    this.#times ??= JSON.parse(readFileSync(TIMES, 'utf8')) as Record<string, number>;
    Object.assign(this.#switch, { activeMutant: id, mutantCoverage: undefined, hitCount: 0 });
    this.#isInLoop = false;
    const all = [...new Set(testFilter.map((test) => test.slice(0, test.indexOf(' '))))];
    const own = all.filter((file) => readFileSync(file, 'utf8').includes(`/${basename(fileName)}';`)); // they import it, and are the most likely to notice
    const files = this.#isByOwn && own.length > 0 ? own : [...own, ...all.filter((file) => !own.includes(file))];
    let nrOfTests = 0;
    try {
      for (const file of files) {
        const tests = await this.#run(resolve(this.#root, file));
        nrOfTests += tests.length;
        const failed = tests.find(({ errors }) => errors.length > 0);
        if (this.#isInLoop) return { status: 'timeout', reason: 'a loop that does not end' };
        if (failed !== undefined) return { status: 'killed', killedBy: [failed.id], failureMessage: failed.errors[0] ?? '', nrOfTests };
      }
      return { status: 'survived', nrOfTests };
    } finally {
      Object.assign(this.#switch, { activeMutant: undefined, hitCount: undefined });
    }
  }

  /** What ran of a file. What could not be loaded, and what failed beside its tests, is an error of the first of them. */
  async #run(file: string): Promise<Tested[]> {
    circus.resetState();
    const state = circus.getState();
    state.testTimeout = TEST_TIMEOUT_MS;
    this.#switch.currentTestId = undefined;
    this.#begin();
    let ran: Tested[] = [];
    let beside: string | undefined;
    try {
      await this.#load(file);
      const names = nameTests(state.rootDescribeBlock, relative(this.#root, file), this.#wanted);
      const { testResults, unhandledErrors } = await circus.run();
      ran = testResults.flatMap(({ status, errors, duration }, place) => {
        const id = names[place] ?? '';
        return status === 'done' ? [{ id, name: id, fileName: file, timeSpentMs: duration ?? 0, errors }] : [];
      });
      beside = unhandledErrors[0];
    } catch (error) {
      beside = String(error);
    }
    await new Promise((done) => void setImmediate(done)); // what a test left behind
    if (beside === undefined) return ran;
    const [first = { id: file, name: file, fileName: file, timeSpentMs: 0, errors: [] }, ...others] = ran;
    return [{ ...first, errors: [...first.errors, beside] }, ...others];
  }

  #begin(): void {
    this.#startedAt = cpuMs();
    [this.#steps, this.#nextLook] = [0, 1];
  }

  #isOverTime(): boolean {
    if (this.#isInLoop || ++this.#steps < this.#nextLook) return this.#isInLoop;
    this.#nextLook += Math.min(MOST_STEPS, this.#nextLook);
    const usual = this.#times?.[this.#switch.currentTestId ?? ''] ?? SPARE_MS;
    this.#isInLoop = cpuMs() - this.#startedAt > MOST_TIMES * usual + SPARE_MS;
    return this.#isInLoop;
  }

  async #follow(event: Circus.Event): Promise<void> {
    if (event.name === 'test_start') {
      this.#switch.currentTestId = IDS.get(event.test);
      this.#begin();
    }
    if (event.name !== 'test_done') return;
    const { currentTestId: id } = this.#switch;
    if (!this.#bail && id !== undefined && this.#times !== undefined) this.#times[id] = cpuMs() - this.#startedAt;
    this.#switch.currentTestId = undefined;
    if (this.#bail && (this.#isInLoop || event.test.errors.length > 0)) for (const test of testsOf(circus.getState().rootDescribeBlock)) test.mode = 'skip';
  }
}

const IDS = new WeakMap<Circus.TestEntry, string>();

/** Gives each test its name, its file before it and the number of a namesake behind it, and leaves out those that are not wanted. */
function nameTests(root: Circus.DescribeBlock, file: string, wanted: ReadonlySet<string> | undefined): string[] {
  const taken = new Map<string, number>();
  return [...testsOf(root)].map((test) => {
    const words = [test.name];
    for (let block: Circus.DescribeBlock | undefined = test.parent; block?.parent !== undefined; block = block.parent) words.unshift(block.name);
    const name = `${file} ${words.join(' ')}`;
    const count = (taken.get(name) ?? 0) + 1;
    taken.set(name, count);
    const id = count === 1 ? name : `${name} (${count})`;
    IDS.set(test, id);
    if (wanted !== undefined && !wanted.has(id)) test.mode = 'skip';
    return id;
  });
}

function* testsOf(block: Circus.DescribeBlock): Generator<Circus.TestEntry> {
  for (const child of block.children) {
    if (child.type === 'test') yield child;
    else yield* testsOf(child);
  }
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

function add(some: Seen, others: Seen): Seen {
  const sum = { ...others };
  for (const [mutant, hits] of Object.entries(some)) sum[mutant] = (sum[mutant] ?? 0) + hits;
  return sum;
}

/** What Stryker loads of this file. https://stryker-mutator.io/docs/stryker-js/guides/create-a-plugin/ */
export const strykerPlugins = [{ kind: 'TestRunner', name: 'warm', injectableClass: WarmRunner }];
