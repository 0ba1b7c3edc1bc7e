/**
 * What the product promises, in the words of the summary, and by which rules each promise is judged: `found` has to stay 0 for all of
 * them. A rule that was never looked at shows nothing, so each look is counted.
 */
export const PROMISES = {
  'POSTs after the job was seen over': ['kill after the job was seen over'],
  'POSTs within 10 s of an unanswered one': ['kill within 10 s of an unanswered one'],
  'more than 3 POSTs a request': ['more than three kills', 'kill after an accepted one'],
  'POSTs on an old look, or without a record': ['kill on an old look at the job', 'kill on an old look at the switch', 'kill without its record'],
  'a victim that no rule meant at that moment': [
    'kill of a job that is not there', 'kill of what is protected', 'kill of a newer run', 'kill of a healthy re-run', 'kill after a recovery', 'a start by a recovery',
    'kill against the policy of the moment', 'kill of a stream by a pick', 'kill of a job that had not started by a pick', 'kill by a pick without its choice',
    'kill of a job that was not chosen', 'a second choice after a kill', 'chosen again, though it is over',
  ],
  'a victim that somebody had said no to': [
    'kill after a no', 'kill that nobody agreed to', 'kill by a yes that does not count', 'kill of a request that expired', 'kill while the switch is on', 'kill while paused', 'kill of a job that somebody said no to', 'kill of a job that is kept', 'kill against the answer',
    'kill now by somebody who may not', 'kill without a warning', 'kill before the warning stood for its time',
  ],
  'more than count in a cooldown, or perHour in an hour': ['more than its count within a cooldown', 'more than its count for one alert', 'a second victim beside a dying job', 'more kills than perHour'],
  'requests without an end': ['a start that never ends', 'a start without an End', 'an End that changes', 'accepted, and nothing started', 'handed on, and nothing started'],
  'killed jobs reported otherwise': ['an End that is not true', 'an End that was never told', 'told otherwise than the End', 'a card that says another word than the End'],
  'runaways never killed, though nothing forbids it': ['a job that lives on', 'an alert that never picks', 'a job that is forgotten', 'an alert that is forgotten'],
  'cards with buttons after the end': ['a card that keeps its buttons'],
  'answers that do not count': ['an answer that does not count', 'a keep that does not count', 'kept by somebody who may not', 'kept longer than a click keeps', 'kept for longer than keepAtMost'],
  'people asked twice, or again after their answer': [
    'two cards with buttons for one start', 'two cards for one rule and job', 'two warnings for one rule and job', 'two messages of one warning in one place', 'asked again after a no',
    'a pick anew while its card stands', 'a second choice after an answer', 'a no that holds too long',
  ],
  'stories that broke off': ['the simulation itself'],
} as const satisfies Record<string, readonly string[]>;

/** A rule that a story can break: the same words for every seed. */
export type Rule = (typeof PROMISES)[keyof typeof PROMISES][number];

/** How often each rule was looked at; those that never were are left out. */
export type Looks = Partial<Record<Rule, number>>;

/** All rules of a promise, or of all of them. */
export const RULES: readonly Rule[] = Object.values(PROMISES).flat();
