import type { ActionsBlock, Button } from '@slack/types';
import type { View } from '../core/report.ts';
import type { Requested } from '../core/request.ts';
import { formatDuration } from '../core/time.ts';
import { KEEP, KILL_NOW, writeButtonValue } from './button.ts';
import { actions, context, facts, type Message, plain, section } from './cards.ts';
import { asker, clockTime, code, jobLine, person } from './text.ts';

type WarningView = Extract<View, { stage: 'warn' | 'kept' | 'handed-on' }>;

/** The message of a warning, in the channel or with the owner, from its first word until the next request writes on it. */
export function warningCard(request: Requested, view: WarningView, now: Date): Message {
  const title = titleOf(view);
  const buttons = view.stage === 'warn' ? warningButtons(view) : [];
  return {
    text: `${title}: ${jobLine(view.job)}`,
    blocks: [section(`*${title}*`), facts(view.job, now), context(`${code(request.policyRule ?? '')}, asked for by ${asker(request.trigger, request.requestedBy)}`), ...buttons],
  };
}

function titleOf(view: WarningView): string {
  switch (view.stage) {
    case 'warn':
      return view.until === undefined ? 'Will be killed' : `Will be killed at ${clockTime(view.until)} unless kept`;
    case 'kept':
      return `Kept until ${clockTime(view.until)} by ${view.isOwner ? 'its owner' : person(view.by)}`;
    case 'handed-on':
      return view.to === 'kill' ? 'The kill is on its way' : 'There is a newer warning below';
  }
}

function warningButtons({ buttons, keepMs }: Extract<View, { stage: 'warn' }>): ActionsBlock[] {
  const value = buttons && writeButtonValue({ do: 'warned', name: buttons.name, start: buttons.start });
  if (value === undefined) return [];
  const keep: Button[] = keepMs === undefined ? [] : [{ type: 'button', action_id: KEEP, text: plain(`Keep ${formatDuration(keepMs)}`), value }];
  return [actions(...keep, { type: 'button', action_id: KILL_NOW, style: 'danger', text: plain('Kill now'), value })];
}
