import { describe, expect, it } from '@jest/globals';
import { claimsAs, executionName, startIn, type StartId } from '../../lib/kill/start-id.ts';

const NAME = `alerts-live-${'0123456789abcdef'.repeat(2)}`;

describe('the name of an execution', () => {
  it.each<[string, StartId]>([
    [NAME, { name: NAME, start: 1 }],
    [`${NAME}-2`, { name: NAME, start: 2 }],
    [`${NAME}-12`, { name: NAME, start: 12 }],
    ['run-2', { name: 'run-2', start: 1 }],
    ['alerts-live-0123-2', { name: 'alerts-live-0123-2', start: 1 }],
  ])('says whose start it is: %s', (name, id) => {
    expect(startIn(name)).toEqual(id);
    expect(executionName(id)).toBe(name);
  });

  it.each([`${NAME}-2x`, `${NAME}-`, `${NAME}-2\n`, `${NAME.slice(0, -1)}-2`, `${NAME.slice(0, -1)}g-2`])('is that of a first start where it ends otherwise: %j', (name) => {
    expect(startIn(name)).toEqual({ name, start: 1 });
  });
});

it('all rounds of a warning claim as the first one', () => {
  const id = { name: NAME, start: 2 };
  expect([claimsAs(id, {}), claimsAs(id, { warning: { first: { name: 'first', start: 3 } } })]).toEqual([id, { name: 'first', start: 3 }]);
});
