import type { KnownBlock } from '@slack/types';
import { memo, type MouseEvent } from 'react';
import { type Block, Message } from 'slack-blocks-to-jsx';
import type { ChatEntry, Person } from '../state.ts';
import type { Act } from './use-playground.ts';

/** `me`: who clicks. */
type Given = { entry: ChatEntry; people: Person[]; me: string; act: Act };

/** One message as Slack shows it. Drawn anew only where it says something else: else the buttons would lose the focus. */
export const Entry = memo(function Entry(given: Given) {
  const { entry } = given;
  const { kind, text, where, onlyFor, updates } = entry;
  const place = where.startsWith('D') ? 'Direct message' : '#data-platform';
  const small = [kind === 'typed' ? 'You' : 'mrs-killswitch', place, ...(onlyFor !== undefined && !where.startsWith('D') ? ['only visible to you'] : []), ...(updates > 0 ? [updates === 1 ? 'changed once' : `changed ${updates} times`] : [])];
  return (
    <article className={`entry ${kind}`} data-entry={entry.id}>
      <p className="small">{small.join(' · ')}</p>
      {kind === 'typed' ? <code>{text}</code> : <Blocks {...given} />}
    </article>
  );
}, (before, after) => before.me === after.me && JSON.stringify(before.entry) === JSON.stringify(after.entry));

function Blocks({ entry: { id, text, blocks }, people, me, act }: Given) {
  // The library has no hook for clicks: the place among the buttons says which one it was.
  const findButton = ({ target, currentTarget }: MouseEvent<HTMLDivElement>): void => {
    const button = (target as Element).closest('button');
    const nth = button === null ? -1 : [...currentTarget.querySelectorAll('button')].indexOf(button);
    if (nth >= 0) void act('click', { as: me, entry: id, nth });
  };
  const shown = blocks.length > 0 ? blocks.map(withoutVerbatim) : [{ type: 'section', text: { type: 'mrkdwn', text } }];
  const users = people.map(({ id, role }) => ({ id, name: role }));
  return (
    <div className="blocks" onClick={findButton}>
      <Message withoutWrapper name="mrs-killswitch" logo="" blocks={shown as Block[]} data={{ users, channels: [] }} />
    </div>
  );
}

/** Slack only links no bare words in what is `verbatim`; the library shows it without any style. */
function withoutVerbatim(block: KnownBlock): object {
  return JSON.parse(JSON.stringify(block, (key, value: unknown) => (key === 'verbatim' ? undefined : value))) as object;
}
