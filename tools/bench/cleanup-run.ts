// A process of bench/cleanup.ts: functions/cleanup, once, and what it took.
import { handler } from '../../functions/cleanup.ts';

export type Measured = { matched: number; started: number; spared: number; tookMs: number; idleMiB: number; peakMiB: number };

const mib = (bytes: number): number => Math.round(bytes / 1024 ** 2);
const idleMiB = mib(process.memoryUsage().rss);
const begun = performance.now();
const { rules } = await handler({});
const tookMs = performance.now() - begun;
const [rule] = rules;
const peakMiB = mib(process.resourceUsage().maxRSS * 1024);
process.send?.({ matched: rule?.matched ?? 0, started: rule?.started ?? 0, spared: rule?.spared.length ?? 0, tookMs, idleMiB, peakMiB } satisfies Measured);
process.disconnect();
