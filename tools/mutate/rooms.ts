/**
 * What is mutated, and by which tests it is judged: those that are about it and are quick. A test that starts processes cannot be among
 * them: it would not see the mutant. `atLeast` is the score in percent that the room has to have.
 */
export type Room = { files: readonly string[]; tests: readonly string[]; atLeast: number };

export const ROOMS: Readonly<Record<string, Room>> = {
  core: { files: ['lib/core/*.ts'], tests: ['test/core/*.test.ts'], atLeast: 95 },
  signing: {
    files: ['lib/slack/verify.ts', 'lib/mrs/sign.ts', 'lib/aws/sign-aws.ts', 'lib/alerts/bearer.ts', 'lib/alerts/smn-signature.ts', 'lib/http/timestamp.ts', 'lib/http/canonical.ts'],
    tests: ['test/slack/verify.test.ts', 'test/mrs/sign.test.ts', 'test/aws/sign-aws.test.ts', 'test/alerts/smn*.test.ts', 'test/alerts/request.test.ts', 'test/alerts/hmac.test.ts', 'test/alerts/made-up-source.test.ts', 'test/api/authentication.test.ts', 'test/http/*.test.ts'],
    atLeast: 95,
  },
};
