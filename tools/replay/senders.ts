import { ALERT_SOURCES } from '../../lib/alerts/sources.ts';

/** Everything whose payloads can be sent again: the sources of alerts, and what comes by other doors. */
export const SENDERS = [...(Object.keys(ALERT_SOURCES) as (keyof typeof ALERT_SOURCES)[]), 'cloudwatch', 'slack'] as const;
export type SenderName = (typeof SENDERS)[number];

export function isSender(name: string): name is SenderName {
  return SENDERS.some((sender) => sender === name);
}
