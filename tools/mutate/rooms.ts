/**
 * What is mutated, and by which tests it is judged: those that are about it and are quick. A test that starts processes cannot be among
 * them: it would not see the mutant. `atLeast` is the score in percent that the room has to have. With
 * `byOwn` a file is judged only by the tests that import it: quicker, and never better.
 */
export type Room = { files: readonly string[]; tests: readonly string[]; atLeast: number; byOwn?: boolean };

export const ROOMS: Readonly<Record<string, Room>> = {
  core: { files: ['lib/core/*.ts'], tests: ['test/core/!(decide-any).test.ts'], atLeast: 95, byOwn: true },
  signing: {
    files: ['lib/slack/verify.ts', 'lib/settings/secret.ts', 'lib/mrs/sign.ts', 'lib/aws/sign-aws.ts', 'lib/http/canonical.ts'],
    tests: ['test/slack/verify.test.ts', 'test/settings/secret.test.ts', 'test/mrs/sign.test.ts', 'test/aws/sign-aws.test.ts'],
    atLeast: 95,
    byOwn: true,
  },
  kill: {
    files: ['lib/kill/*.ts'],
    tests: ['test/kill/!(kill-any|ledger-fails|side-tasks).test.ts', 'test/workflow/!(crash|settings).test.ts', 'test/warn/*.test.ts', 'test/cleanup/{run,dead-starts}.test.ts', 'test/start/read-starts.test.ts'],
    atLeast: 95,
  },
  start: {
    files: ['lib/start/*.ts'],
    tests: [
      'test/start/*.test.ts', 'test/kill/{doors,one-pick,pick,pick-comes-to-nothing,pick-given-back,pick-nameless,pick-whom}.test.ts', 'test/workflow/{ask,ends,pick}.test.ts', 'test/events/execution-ended.test.ts',
      'test/cleanup/{run,dead-starts}.test.ts', 'test/warn/broken-off.test.ts', 'test/alerts/{delivery,group,resolved,rules,told}.test.ts', 'test/slack/start-button.test.ts',
    ],
    atLeast: 95,
  },
  alerts: { files: ['lib/alerts/*.ts'], tests: ['test/alerts/!(any-value|storm).test.ts', 'test/events/*.test.ts', 'test/tools/docs.test.ts'], atLeast: 95 },
  engine: { files: ['home/engine/*.ts'], tests: ['test/home/engine/*.test.ts', 'test/home/store/tidy.test.ts', 'test/local/{callbacks,checkpoints,execution-life}.test.ts', 'test/scenes/scenes.test.ts'], atLeast: 95 },
  policy: { files: ['lib/policy/*.ts'], tests: ['test/policy/!(json-schema).test.ts'], atLeast: 85 },
  settings: { files: ['lib/settings/!(secret).ts'], tests: ['test/settings/!(rotation).test.ts', 'test/tools/docs{,-settings}.test.ts'], atLeast: 85 },
  calls: { files: ['lib/mrs/!(sign).ts', 'lib/http/!(canonical).ts', 'lib/aws/!(sign-aws).ts'], tests: ['test/{aws,contract,http}/*.test.ts', 'test/mrs/!(places).test.ts'], atLeast: 85 },
  slack: { files: ['lib/slack/!(verify).ts'], tests: ['test/slack/*.test.ts', 'test/workflow/{ask,notice,report}.test.ts', 'test/cleanup/{digest,preview,report-text}.test.ts'], atLeast: 85 },
  warn: { files: ['lib/warn/*.ts', 'lib/cleanup/*.ts'], tests: ['test/warn/*.test.ts', 'test/cleanup/*.test.ts'], atLeast: 85 },
  ledger: { files: ['lib/{ledger,log,api,house}/*.ts'], tests: ['test/{api,house,log}/*.test.ts', 'test/ledger/!(aws|open-dynamo).test.ts', 'test/kill/ledger-calls.test.ts'], atLeast: 85 },
};
