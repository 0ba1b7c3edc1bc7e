import { expect, it, jest } from '@jest/globals';
import { homeOfStage } from '../stage/home-of-stage.ts';
import { playSoak } from './soak.ts';

jest.setTimeout(150_000);

/** `npm run stress -- --soak` sends 10,000, and breaks calls off too. */
it('accounts for each delivery to a home in a process of its own, a tenth of whose calls goes wrong', async () => {
  const { faults, lines } = await playSoak(homeOfStage(), 40, { hangsUp: false });
  expect(faults).toEqual([]);
  expect(lines[0]).toMatch(/^(?:aws|own) home: 40 deliveries of 27 alerts, 0 faults; /);
  expect(lines[2]).toMatch(/\b\d+ killed\b/);
});
