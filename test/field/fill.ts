import { createHash } from 'node:crypto';
import type { SimulatedJob } from '../simulator/simulator.ts';

/** What placeholders are filled with. Moments are asked for at each use. */
export type Filling = { jobs: Map<string, SimulatedJob>; now: () => number; moments: Map<string, number> };

const HOUR_MS = 3_600_000;

/** Fills `${…}` in every text, makes a number of `#{…}` and a text of `{"$json": …}`. Throws RangeError on a placeholder that nobody knows. */
export function fill(value: unknown, filling: Filling): unknown {
  if (typeof value === 'string') return fillText(value, filling);
  if (Array.isArray(value)) return value.map((item) => fill(item, filling));
  if (typeof value !== 'object' || value === null) return value;
  if ('$json' in value) return JSON.stringify(fill(value.$json, filling));
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, fill(field, filling)]));
}

/** The same for one text, which stays one. */
export function fillText(text: string, filling: Filling): string | number {
  const [, number] = /^#\{([^}]*)\}$/.exec(text) ?? [];
  if (number !== undefined) return Number(valueOf(number, filling));
  return text.replace(/\$\{([^}]*)\}/g, (_, placeholder: string) => valueOf(placeholder, filling));
}

function valueOf(placeholder: string, { jobs, now, moments }: Filling): string {
  const [, kind = '', argument = ''] = /^([a-z0-9]+)(?::(.*))?$/.exec(placeholder) ?? [];
  const job = (): SimulatedJob => {
    const found = jobs.get(argument);
    if (found === undefined) throw new RangeError(`there is no job ${argument}`);
    return found;
  };
  const at = (): Date => new Date(now() + Number(argument) * 1_000);
  switch (kind) {
    case 'app':
      return job().app_id ?? '';
    case 'launcher':
      return job().launcher_id;
    case 'num':
      return (job().app_id ?? '').replace('application_', '');
    case 'id':
      return job().job_id;
    case 'fp':
      return hash(argument).slice(0, 16);
    case 'uid':
      return hash(argument).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
    case 'at':
      moments.set(argument, moments.get(argument) ?? now());
      return new Date(moments.get(argument) ?? 0).toISOString();
    case 'iso':
      return at().toISOString();
    case 'iso9':
      return at().toISOString().replace('Z', '123456Z');
    case 'sec':
      return at().toISOString().replace(/\.\d+Z$/, 'Z');
    case 'ms':
      return String(at().getTime());
    case 'aws':
      return at().toISOString().replace('Z', '+0000');
    case 'minus5':
      return new Date(at().getTime() - 5 * HOUR_MS).toISOString().replace('Z', '123456-05:00');
    case 'ces':
      return at().toISOString().replace(/^(\d+)-(\d+)-(\d+)T(\d+:\d+:\d+).*$/, '$2 $3, $1 $4 GMT+00:00');
    case 'prevhour':
      return new Date(Math.floor(now() / HOUR_MS) * HOUR_MS - 30_000).toISOString();
    default:
      throw new RangeError(`nobody knows the placeholder ${placeholder}`);
  }
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
