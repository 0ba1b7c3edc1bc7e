import { ALERT_PART } from './alerts.ts';
import { CLEANUP_PART } from './cleanup.ts';
import { REST_PART } from './rest.ts';
import { SLACK_PART } from './slack.ts';
import { SMN_PART } from './smn.ts';
import type { Part } from './step.ts';
import { WARN_PART } from './warn.ts';

/** All parts, in the order in which they are played. */
export const PARTS: Part[] = [REST_PART, SLACK_PART, ALERT_PART, SMN_PART, CLEANUP_PART, WARN_PART];
