import type { End } from '../core/end.ts';
import type { Closed } from '../core/request.ts';
import type { Starter } from '../start/start-all.ts';
import { tellOnceAnHour } from '../start/tell-once-an-hour.ts';

/** A request that ended at the door, and was not known there; `why` in words, without the rule's name. */
export type Refused = { request: Closed; end: End; why: string };

/**
 * Says in the channel what was refused for the first time, once an hour for each source and rule, with an example; how many there
 * were stands in the log. What was ignored is nothing to mend, and nobody is told.
 */
export async function tellRefused(starter: Starter, source: string, ended: readonly Refused[]): Promise<void> {
  const refused = ended.filter(({ end }) => end.outcome === 'refused');
  for (const rule of new Set(refused.map(({ end }) => end.rule))) {
    const [first, ...others] = refused.filter(({ end }) => end.rule === rule);
    if (rule === undefined || first === undefined) continue;
    const { request, end, why } = first;
    starter.log.warn('alerts were refused', { source, rule, alerts: 1 + others.length, kill_id: request.killId, example: request.requestedBy, reason: end.reason });
    if (starter.policy.slack.channel === undefined) continue;
    const reason = `${request.requestedBy}: ${why}. More like it in the next hour are only in the log`;
    await tellOnceAnHour(starter, `${source} ${rule}`, { rule, reason });
  }
}
