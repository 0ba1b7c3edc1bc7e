/** The durable functions as the engine names them. Their names stand in the names of executions: they never change. */
export const KILL = 'mrs-killswitch-home-kill';
export const WARN = 'mrs-killswitch-home-warn';

/** What the deployment sets on AWS. Here nobody does: it is put over the environment. */
export const NAMES_INSIDE = { KILL_FUNCTION: `${KILL}:engine`, WARN_FUNCTION: `${WARN}:engine`, LEDGER_TABLE: 'ledger' };

/** Written into a store: it is no other service's. */
export const SERVICE = 'mrs-killswitch';
