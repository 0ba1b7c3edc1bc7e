// Which function makes which calls of the ledger's port (lib/ledger/port.ts) on which partitions (lib/ledger/keys.ts); `*` is any
// rest. The one table behind the roles: serverless/ledger-statements.cjs makes their statements of it, isGranted of
// test/stage/ledger-rights.ts holds every call in the tests against it. A name begins with its trigger: `run/slack-*`.
const READ = ['get', 'list'];
const ALL = ['claim', 'release', 'take', 'put', 'get', 'list'];

/** An End, and what stands beside it. */
const ENDS = { 'day/*': ['put'], 'job/*': ['put'], 'rule/*': ['put'] };
/** The same, and history: what ended, what is open. */
const HISTORY = { 'day/*': ['put', ...READ], 'job/*': ['put', ...READ], 'rule/*': ['put', ...READ] };
/** What is said once an hour or week. */
const TOLD = { 'told/*': ['claim'] };

/** What starts for an alert, however it comes. */
const ALERTS = {
  'start/alerts-*': READ,
  'door/alerts-*': ['claim', 'get'],
  ...ENDS,
  ...TOLD,
  places: ['get'],
  switch: ['get'],
  'pick/*': ['get'],
  'resolved/*': ['put'],
};

module.exports = {
  // Carries its kill out by itself, and never goes on with another's.
  api: { 'run/api-*': ['put'], 'start/api-*': ['put', 'claim'], ...ENDS, 'name/*': ['put'], switch: ['get'] },
  slack: {
    'run/slack-*': READ,
    'start/slack-*': ['claim', ...READ],
    // A click is the answer to a question of any trigger.
    'start/alerts-*': ['claim', ...READ],
    'start/cleanup-*': ['claim', ...READ],
    // Which job a warning is about: a click looks at it first.
    'run/alerts-*': ['get'],
    'run/cleanup-*': ['get'],
    'door/slack-*': ['claim', 'get'],
    // The list of a cleanup whose button somebody pressed.
    'door/cleanup-*': ['claim', 'get'],
    ...HISTORY,
    ...TOLD,
    // A click on Keep holds, and counts, from when it is made, whenever its run comes to it.
    kept: ['put', ...READ],
    'used/*': ['put'],
    // `/mrs pause` and `resume`.
    switch: ['get', 'claim', 'release'],
    'no/*': READ,
    'warn/*': READ,
    // What `/mrs why` says of a cooldown.
    'pick/*': ['get'],
  },
  alerts: ALERTS,
  // Of an execution that ended badly it reads what it was about; an execution of kill closes it.
  events: { ...ALERTS, 'start/*': READ, 'run/*': READ },
  // It closes what broke off, whoever asked for it. A digest that could not be posted gives its week back.
  cleanup: { 'start/*': READ, 'door/cleanup-*': ['claim', 'get'], ...HISTORY, 'told/*': ['claim', 'release'], 'no/*': READ, kept: READ, 'warn/*': READ, lives: ['list'], switch: ['get'] },
  // One round of a warning, which goes on with rounds before it and hands on to a kill.
  warn: {
    'run/*': ['put', ...READ],
    'start/*': ['claim', 'put', ...READ],
    ...HISTORY,
    ...TOLD,
    'no/*': ['claim', 'release', ...READ],
    'warn/*': ['claim', 'release', ...READ],
    kept: ['put', ...READ],
    'used/*': ['put', 'list'],
    lives: ['put'],
    // An alert that means its job by name is looked up by it.
    'name/*': READ,
    'resolved/*': ['get'],
    switch: ['get'],
  },
  kill: Object.fromEntries(
    ['run/*', 'start/*', 'door/*', 'day/*', 'job/*', 'rule/*', 'places', 'pick/*', 'name/*', 'no/*', 'warn/*', 'kept', 'used/*', 'lives', 'resolved/*', 'switch', 'told/*']
      .map((partition) => [partition, ALL]),
  ),
};
