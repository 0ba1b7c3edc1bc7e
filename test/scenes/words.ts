/** What comes before a POST. */
export const RECORD = 'place record audit-before';
/** One POST that MRS took, and a job that dies of it. */
export const KILL = `${RECORD} kill-1 answer-1 killing follow`;
/** From a POST that did not go through to the answer of the next one. */
export const POST_2 = 'look-after-kill-1 before-kill-2(wait) look-after-kill-2 record-2 kill-2 answer-2';
export const POST_3 = 'look-after-kill-3 before-kill-3(wait) look-after-kill-4 record-3 kill-3 answer-3';
/** Every end is on record, audited, said and in the history. */
export const CLOSE = 'end audit report history';
/** The same where the job was held for a question. */
export const SETTLE = 'end settle audit report history';
/** The same of a warning on two cards. */
export const RELEASE = 'end release-warning audit report report-2 history';
/** A question up to its callback. */
export const HELD = 'begin look hold asked ask(callback)';
/** A warning that stands in the channel and with the owner. */
export const WARNED = 'begin look hold-warning job stand buttons-2 audit-warned';
export const KEPT = 'click(callback) callback answer cards-to-keep keep audit-kept left-to-show show-kept-1 show-kept-2';
export const TIME_UP = 'click(callback)!TIMED_OUT callback answer×2 handed hand-on';
/** The kill that comes after a warning, up to its POST. */
export const UNDER_WAY = 'begin warning-cards look hold-warning under-way-1 under-way-2 look-again';
