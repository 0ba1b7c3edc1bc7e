/**
 * The version of the workflow: which moves a run makes, in which order and under which names. An engine stores it with each start, and
 * replays no execution that another version began: what stands on record is found by position, and a mismatch is noticed only after
 * code has run with the result of another step.
 *
 * Raise it with every change after which a history of before would not replay: a move of functions/kill or functions/warn that is
 * added before another, removed, renamed, moved or wrapped, and another version of the SDK. Not for what comes after the last
 * move, nor for what a move does. test/histories says when it is forgotten; `npm run histories` records those of the new version.
 */
export const WORKFLOW_VERSION = '1';
