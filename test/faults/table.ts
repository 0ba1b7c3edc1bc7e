/**
 * What has to come of each fault, at each place, for each trigger: the one table that the tests and `npm run stress -- --faults`
 * hold the product to. How to read it stands below it. `npm run docs` writes both into docs/reliability.md.
 */
export const TABLE = `
| Where | What goes wrong | Slack | alert | cleanup | REST | pick | warn |
|---|---|---|---|---|---|---|---|
| look | no answer | killed / failed | killed / failed | killed / not started | 504 failed | killed / failed | killed / not started |
| | reset | killed / failed | killed / failed | killed / not started | 200 killed / 502 failed | killed / failed | killed / not started |
| | slow | killed | killed | killed | 200 killed | killed | killed |
| | 429 | killed / failed | killed / failed | killed / not started | 200 killed / 429 failed | killed / failed | killed / not started |
| | 502 with HTML | killed / failed | killed / failed | killed / not started | 200 killed / 502 failed | killed / failed | killed / not started |
| | broken JSON | killed / failed | killed / failed | killed / not started | 200 killed / 502 failed | killed / failed | killed / not started |
| | expired token | killed / failed | killed / failed | killed / not started | 200 killed / 502 failed | killed / failed | killed / not started |
| | clock an hour off | killed | killed | not started | 200 killed | killed | not started |
| kill POST | no answer | killed | killed | killed | 200 killed | killed | killed |
| | reset | killed ×2 / failed ×3 | killed ×2 / failed ×3 | killed ×2 / failed ×3 | 200 killed ×2 / 502 failed ×3 | killed ×2 / failed ×3 | killed ×2 / failed ×3 |
| | slow | killed | killed | killed | 200 killed | killed | killed |
| | 429 | killed ×2 / failed ×8 | killed ×2 / failed ×8 | killed ×2 / failed ×8 | 200 killed ×2 / 429 failed ×3 | killed ×2 / failed ×8 | killed ×2 / failed ×8 |
| | 502 with HTML | killed ×2 / failed ×3 | killed ×2 / failed ×3 | killed ×2 / failed ×3 | 200 killed ×2 / 502 failed ×3 | killed ×2 / failed ×3 | killed ×2 / failed ×3 |
| | broken JSON | killed | killed | killed | 200 killed | killed | killed |
| | expired token | killed ×2 / failed ×2 | killed ×2 / failed ×2 | killed ×2 / failed ×2 | 200 killed ×2 / 502 failed ×2 | killed ×2 / failed ×2 | killed ×2 / failed ×2 |
| | clock an hour off | (a) | (a) | (a) | (a) | (a) | (a) |
| status read | no answer | killed / still-running | killed / still-running | killed / still-running | 200 killed / 202 accepted | killed / still-running | killed / still-running |
| | reset | killed / still-running | killed / still-running | killed / still-running | 200 killed / 202 accepted | killed / still-running | killed / still-running |
| | slow | killed | killed | killed | 200 killed | killed | killed |
| | 429 | killed / still-running | killed / still-running | killed / still-running | 200 killed / 202 accepted | killed / still-running | killed / still-running |
| | 502 with HTML | killed / still-running | killed / still-running | killed / still-running | 200 killed / 202 accepted | killed / still-running | killed / still-running |
| | broken JSON | killed / still-running | killed / still-running | killed / still-running | 200 killed / 202 accepted | killed / still-running | killed / still-running |
| | expired token | killed / still-running | killed / still-running | killed / still-running | 200 killed / 202 accepted | killed / still-running | killed / still-running |
| | clock an hour off | (a) | (a) | (a) | (a) | (a) | (a) |
| Slack | no answer | killed / failed | killed | killed | (b) | killed | killed / refused warn |
| | reset | killed / failed, not said | killed / killed, not said | killed / killed, not said | (b) | killed / killed, not said | killed / refused warn, not said |
| | slow | killed | killed | killed | (b) | killed | killed |
| | 429 | killed / failed, not said | killed / killed, not said | killed / killed, not said | (b) | killed / killed, not said | killed / refused warn, not said |
| | 502 with HTML | killed / failed, not said | killed / killed, not said | killed / killed, not said | (b) | killed / killed, not said | killed / refused warn, not said |
| | broken JSON | killed / failed | killed | killed | (b) | killed | killed / refused warn |
| | expired token | failed / failed, not said | killed / killed, not said | killed / killed, not said | (b) | killed / killed, not said | killed / refused warn, not said |
| | clock an hour off | not started | (c) | (c) | (b) | (c) | (c) |
| parameter store | no answer | killed / refused paused | killed / refused paused | killed / not started | 200 killed / 403 refused paused | killed / refused paused | killed / not started |
| | reset | killed / refused paused | killed / refused paused | killed / not started | 200 killed / 403 refused paused | killed / refused paused | killed / not started |
| | slow | killed | killed | killed | 200 killed | killed | killed |
| | 429 | killed / refused paused | killed / refused paused | killed / not started | 200 killed / 403 refused paused | killed / refused paused | killed / not started |
| | 502 with HTML | killed / refused paused | killed / refused paused | killed / not started | 200 killed / 403 refused paused | killed / refused paused | killed / not started |
| | broken JSON | killed / refused paused | killed / refused paused | killed / not started | 200 killed / 403 refused paused | killed / refused paused | killed / not started |
| | expired token | killed / refused paused | killed / refused paused | killed / not started | 200 killed / 403 refused paused | killed / refused paused | killed / not started |
| | clock an hour off | killed / refused paused | killed / refused paused | killed / not started | 200 killed / 403 refused paused | killed / refused paused | killed / not started |
| ledger | unreachable | killed / failed | killed / failed | killed / not started | 200 killed / 403 refused paused | killed / failed | killed / not started |
| | slow | killed | killed | killed | 200 killed | killed | killed |
| | throttled | killed / failed | killed / failed | killed / not started | 200 killed / 403 refused paused | killed / failed | killed / not started |
| | stale value | killed | killed | killed | 200 killed | killed | killed |
| engine | no answer | killed / failed + killed | killed | killed | (d) | killed / killed + failed | killed |
| | reset | killed / failed | killed / not started | killed / not started | (d) | killed / not started | killed / not started |
| | throttled | killed / failed | killed / not started | killed / not started | (d) | killed / not started | killed / not started |
| | 5xx | killed / failed | killed / not started | killed / not started | (d) | killed / not started | killed / not started |
`;

/** Cells that cannot be, and why. */
export const CANNOT_BE: Readonly<Record<string, string>> = {
  '(a)': 'MRS has one clock: it is off for the look, too, and stands there',
  '(b)': 'REST says nothing in Slack: its answer is the message',
  '(c)': 'of Slack\'s times only that of a signed command or click is read',
  '(d)': 'REST runs in no engine: it ends within its answer',
};

/** How to read it, for a stranger. */
export const LEGEND = `
Before the slash: it happens once. Behind it: it goes on for good, from the first call of its kind. A clock is ahead in the first case and
behind in the second. A cell with one word is the same in both.

- \`×3\`: so many POSTs were sent. Without it: one where a kill was sent, else none.
- \`not started\`: no request began, nothing was killed, and who asked was told so: by an error, by the report, in Slack. What comes again
  (an alert, the next run of cleanup) is taken then.
- \`not said\`: nobody could be told in Slack. The End is in the audit.
- \`failed + killed\`: the start was never answered, so the door said that it could not be started ("unless a card for it appears"). It had
  begun, and said its own end.
- \`200\`, \`502\` and so on: what REST answers to \`Prefer: wait=25\`.

"No answer" is the worst kind: what was asked for happens, and nobody hears of it. With a reset it does not happen. "Slow" is 9 s, of the
ledger 0.9 s. The parameter store: what was read of secrets before serves on, so the fault is at the off switch. A ledger's stale value:
one read that does not see what was written; then a table that was put back to a backup while the POST was on its way. The other faults of
DynamoDB and of Lambda come to the ones in the table (\`test/ledger/dynamodb.test.ts\`, \`test/start/executions-client.test.ts\`).
`;

/** One row, each cell by its column. */
export type Row = { place: string; fault: string; cells: Readonly<Record<string, string>> };

/** The table, read. */
export function readTable(): Row[] {
  const [head = [], ...lines] = TABLE.trim().split('\n').filter((line) => !line.startsWith('|--')).map((line) => line.split('|').slice(1, -1).map((cell) => cell.trim()));
  const [, , ...triggers] = head;
  let place = '';
  return lines.map(([where = '', fault = '', ...cells]) => {
    place = where || place;
    return { place, fault, cells: Object.fromEntries(triggers.map((trigger, index) => [trigger, cells[index] ?? ''])) };
  });
}
