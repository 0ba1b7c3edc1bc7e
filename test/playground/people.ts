import type { Policy } from '../../lib/policy/policy.ts';
import type { Person } from './state.ts';

/** Nobody whom a policy names; every simulated workspace has this member. */
const STRANGER = 'U0STRANGER';

/** One person for each part that a policy gives, and one without any. */
export function peopleOf({ slack }: Pick<Policy, 'slack'>): Person[] {
  const [operator] = slack.mayKill;
  const approver = slack.mayApprove.find((id) => id !== operator) ?? slack.mayApprove[0];
  const [ownerOf, owner] = Object.entries(slack.people ?? {}).find(([, id]) => /^[UW]/.test(id)) ?? [];
  const people: (Omit<Person, 'id'> & { id: string | undefined })[] = [
    { id: operator, role: 'operator', title: 'Operator: may kill' },
    { id: approver, role: 'approver', title: 'Approver: may approve' },
    { id: owner, role: 'owner', title: `Owner: has the jobs of ${ownerOf}` },
    { id: STRANGER, role: 'stranger', title: 'Stranger: may only read' },
  ];
  return people.filter((person): person is Person => person.id !== undefined);
}
