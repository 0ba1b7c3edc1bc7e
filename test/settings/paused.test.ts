import { describe, expect, it } from '@jest/globals';
import { readPaused } from '../../lib/settings/paused.ts';

describe('the off switch', () => {
  it.each([undefined, '', 'false'])('is off for %j', (value) => {
    expect(readPaused({ PAUSED: value })).toBe(false);
  });

  it('is off where nobody set it', () => {
    expect(readPaused({})).toBe(false);
  });

  it.each(['true', 'TRUE', 'False', '0', 'no', ' ', ' false', 'ssm:/killswitch/paused'])('is on for %j: unreadable counts as paused', (value) => {
    expect(readPaused({ PAUSED: value })).toBe(true);
  });
});
