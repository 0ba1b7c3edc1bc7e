import type { Executions } from '../executions/client.ts';
import type { Starter } from '../kill/start-all.ts';
import type { Killswitch } from '../load.ts';
import type { HandOver } from './later.ts';

/** What the Slack routes work with. */
export type SlackParts = Killswitch & { starter: Starter; executions: Executions; handOver: HandOver };
