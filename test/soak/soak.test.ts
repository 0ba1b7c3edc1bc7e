import { describe, expect, it, jest } from '@jest/globals';
import { itAtFullSize } from '../support/full-size.ts';
import { playSoak } from './soak.ts';

jest.setTimeout(150_000);

/** `npm run stress -- --soak` sends 10,000, and breaks calls off too. */
describe('a home in a process of its own, a tenth of whose calls goes wrong, accounts for each delivery', () => {
  it('over its store', () => play('own'));

  itAtFullSize('as functions on Lambda', () => play('aws'));
});

async function play(home: 'aws' | 'own'): Promise<void> {
  const { faults, lines } = await playSoak(home, 12, { hangsUp: false });
  expect(faults).toEqual([]);
  expect(lines[0]).toContain(`${home} home: 12 deliveries of 8 alerts, 0 faults; `);
  expect(lines[2]).toMatch(/^ {2}the audit says: 3 killed, 1 refused protected, 1 not-found, 1 refused alerts, 1 refused target; /);
}
