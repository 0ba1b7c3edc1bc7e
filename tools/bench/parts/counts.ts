import { LIVE_POLICY, OURS, API_TOKEN } from '../../../test/stage/rest.ts';
import { startStage, type Stage } from '../../../test/stage/stage.ts';
import { ANALYTICS_ID, JOBS_PATH, PROJECT_ID } from '../../../test/simulator/client.ts';
import { ALERT_TOKEN } from '../packages.ts';
import type { Part, Row } from '../part.ts';

/** 2026-11-22 12:00 UTC. */
const NOON = 1_795_348_800_000;
const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** What takes minutes or a day is played on a held clock: it is counted, not timed. */
export const counts: Part = {
  name: 'counts',
  about: 'Counted on a held clock',
  measure: async () => [await countTokens(), ...(await countFollow()), ...(await countDurable())],
};
