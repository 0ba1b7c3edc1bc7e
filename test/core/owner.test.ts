import { describe, expect, it } from '@jest/globals';
import { findOwner } from '../../lib/core/owner.ts';

const PEOPLE = { etl_dev: 'U0678IJKL', 'svc-etl-*': 'C0789MNOP', 'svc-*': 'U0123ABCD' };

describe('the owner of a job', () => {
  it.each([
    ['etl_dev', 'U0678IJKL'],
    ['svc-etl-daily', 'C0789MNOP'],
    ['svc-payroll', 'U0123ABCD'],
    ['ana', undefined],
    ['Etl_dev', undefined],
    ['etl_dev2', undefined],
  ])('of %s is %s: the first glob that fits', (user, owner) => {
    expect(findOwner(PEOPLE, user)).toBe(owner);
  });

  it('is nobody where MRS did not give the user, whatever the globs', () => {
    expect(findOwner({ '*': 'U0123ABCD' }, '')).toBeUndefined();
  });

  it('is nobody where the policy names none', () => {
    expect(findOwner(undefined, 'etl_dev')).toBeUndefined();
    expect(findOwner({}, 'etl_dev')).toBeUndefined();
  });
});
