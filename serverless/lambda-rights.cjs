// Which function makes which calls of Lambda's API on which functions: beside serverless/ledger-rights.cjs the table behind the roles.
// serverless/roles.cjs makes their statements of it, and the tests hold every call against it (test/stage/lambda-rights.ts). Nobody
// lists executions, and one function reads how they ended.
const START = { kill: ['InvokeFunction'], warn: ['InvokeFunction'] };
/** A run wakes itself, too: where a click was faster than its callback was on record. */
const OWN_STATE = ['CheckpointDurableExecution', 'GetDurableExecutionState', 'SendDurableExecutionCallbackSuccess'];

module.exports = {
  // Carries its kill out by itself.
  api: {},
  // A click wakes the execution that asked; reads are handed over to slack itself.
  slack: {
    kill: ['InvokeFunction', 'SendDurableExecutionCallbackSuccess'],
    warn: ['InvokeFunction', 'SendDurableExecutionCallbackSuccess'],
    slack: ['InvokeFunction'],
  },
  alerts: START,
  // What an execution that ended badly was about.
  events: { kill: ['InvokeFunction', 'GetDurableExecution'], warn: ['InvokeFunction', 'GetDurableExecution'] },
  cleanup: START,
  // A pick starts one kill for each job; who closes a warning starts what that handed on to.
  kill: { kill: ['InvokeFunction', ...OWN_STATE], warn: ['InvokeFunction'] },
  // Hands on to the next round or to a kill.
  warn: { kill: ['InvokeFunction'], warn: ['InvokeFunction', ...OWN_STATE] },
};
