import { describe, expect, it, jest } from '@jest/globals';
import { UpstreamFailed } from '../../lib/core/errors.ts';
import { createLog, createProcessLog, type Log, LOG_LEVELS, type LogLevel } from '../../lib/log/log.ts';
import { Secret } from '../../lib/settings/secret.ts';

function logAt(level: LogLevel): { log: Log; lines: string[] } {
  const lines: string[] = [];
  return { lines, log: createLog({ level, now: () => Date.UTC(2026, 10, 22, 8, 30), write: (line) => void lines.push(line) }) };
}

const failing = (): Log =>
  createLog({
    level: 'debug',
    now: () => 0,
    write() {
      throw new Error('disk full');
    },
  });

describe('a log line', () => {
  it('is one line of JSON: time, level, message, then the fields', () => {
    const { log, lines } = logAt('info');
    log.info('two\nlines', { count: 1, nested: { text: 'a\nb' } });
    expect(lines).toEqual(['{"time":"2026-11-22T08:30:00.000Z","level":"info","message":"two\\nlines","count":1,"nested":{"text":"a\\nb"}}']);
  });

  it('carries the fields of its log, each log its own', () => {
    const { log, lines } = logAt('info');
    const inner = log.with({ request_id: 'r1' }).with({ kill_id: 'k1' });
    inner.warn('inner', { more: true });
    log.warn('outer');
    expect(lines.map((line) => Object.keys(JSON.parse(line)).slice(3))).toEqual([['request_id', 'kill_id', 'more'], []]);
  });

  it.each(LOG_LEVELS)('at LOG_LEVEL %s is written from that level on, audit lines always', (level) => {
    const { log, lines } = logAt(level);
    for (const each of LOG_LEVELS) log[each](each);
    log.audit('audit', {});
    expect(lines.map((line) => JSON.parse(line).level)).toEqual([...LOG_LEVELS.slice(LOG_LEVELS.indexOf(level)), 'audit']);
  });

  it('never shows a secret, wherever it stands', () => {
    const { log, lines } = logAt('debug');
    const secret = new Secret('do-not-show');
    log.info('with secrets', { secret, list: [secret], error: new Error(`token ${String(secret)}`, { cause: secret }) });
    log.with({ secret }).audit('audit', { secret });
    expect(lines.join()).not.toContain('do-not-show');
    expect(lines.join()).toContain('[secret]');
  });

  it('shows an error by name, message, code and cause, without its stack', () => {
    const { log, lines } = logAt('info');
    const cause = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
    log.error('failed', { error: new UpstreamFailed({ service: 'MRS', kind: 'unreachable', message: 'no way' }, { cause }) });
    expect(JSON.parse(lines[0] ?? '').error).toEqual({
      name: 'UpstreamFailed',
      message: 'MRS gave no answer: no way',
      code: 'upstream_failed',
      cause: { name: 'Error', message: 'refused', code: 'ECONNREFUSED' },
    });
  });
});

describe('a line that cannot be written', () => {
  it.each(LOG_LEVELS)('is lost at level %s, and nothing else is', (level) => {
    expect(() => failing()[level]('lost')).not.toThrow();
  });

  it('throws where it is an audit line: then nothing is killed', () => {
    expect(() => failing().audit('killing', {})).toThrow('disk full');
    expect(() => failing().with({ kill_id: 'k1' }).audit('killing', {})).toThrow('disk full');
  });

  it('throws where an audit line has no JSON; another one is written without its fields', () => {
    const { log, lines } = logAt('info');
    expect(() => log.audit('killing', { big: 1n })).toThrow(TypeError);
    expect(lines).toEqual([]);
    log.with({ request_id: 'r1' }).info('a big number', { big: 1n });
    expect(JSON.parse(lines[0] ?? '')).toEqual(
      expect.objectContaining({ message: 'a big number', request_id: 'r1', lost: expect.any(String) }),
    );
  });
});

describe('the log of the process', () => {
  it.each([
    [undefined, ['info']],
    ['warn', []],
    ['WARN', []],
    ['nonsense', ['info']],
  ])('writes to standard output at LOG_LEVEL %s', (level, expected) => {
    const lines: string[] = [];
    const write = jest.spyOn(process.stdout, 'write').mockImplementation((text) => lines.push(String(text)) > 0);
    try {
      const log = createProcessLog({ LOG_LEVEL: level }, { now: Date.now, write: (line) => process.stdout.write(`${line}\n`) });
      log.debug('debug');
      log.info('info');
    } finally {
      write.mockRestore();
    }
    expect(lines.map((line) => JSON.parse(line).message)).toEqual(expected);
    for (const line of lines) expect(line).toMatch(/^\{.*\}\n$/);
  });
});
