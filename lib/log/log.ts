export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
export type Fields = Record<string, unknown>;

/** One JSON line per event; one that cannot be written is lost, unless it is an audit line. Secrets print as `[secret]`, errors as name and message. */
export type Log = {
  debug(message: string, fields?: Fields): void;
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
  /** Written at every level: the record of who killed what, and why. Throws when it cannot be written: then nothing is killed. */
  audit(message: string, fields: Fields): void;
  /** Counted at every level, on AWS by a line; what cannot be counted is lost. */
  metric(metrics: Record<string, Metric>, dimensions: Record<string, string>): void;
  /** The same log with more fields in each line. */
  with(fields: Fields): Log;
};

/** Counts what has happened, by the values of its dimensions. */
export type CountMetric = Log['metric'];

export type LogOptions = { level: LogLevel; now: () => number; write: (line: string) => void; /** Left out, a metric is a line that CloudWatch counts. */ count?: CountMetric };

/** `write` gets one line without its end. */
export function createLog(options: LogOptions, fields: Fields = {}): Log {
  const { level, now, write, count = (metrics, dimensions) => write(metricLine(now(), metrics, dimensions)) } = options;
  const line = (lineLevel: string, message: string, more: Fields = {}): void =>
    write(JSON.stringify({ time: new Date(now()).toISOString(), level: lineLevel, message, ...fields, ...more }, showErrors));
  /** For fields that no JSON can hold; where nothing can be written at all, it is not. */
  const writeBare = (lineLevel: LogLevel, message: string): void => {
    try {
      line(lineLevel, message, { lost: 'the fields of this line cannot be written' });
    } catch {}
  };
  const at =
    (lineLevel: LogLevel) =>
    (message: string, more?: Fields): void => {
      if (LOG_LEVELS.indexOf(lineLevel) < LOG_LEVELS.indexOf(level)) return;
      try {
        line(lineLevel, message, more);
      } catch {
        // Amid a kill a lost line must not lose the look that follows; what has to be on record is audit's.
        writeBare(lineLevel, message);
      }
    };
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    audit: (message, more) => line('audit', message, more),
    metric(metrics, dimensions) {
      try {
        count(metrics, dimensions);
      } catch {}
    },
    with: (more) => createLog(options, { ...fields, ...more }),
  };
}

/**
 * The log of a process at `LOG_LEVEL`, which need not be right yet: `info` serves until it is. `write` goes to standard output
 * itself and not by console.log: in Lambda that puts words before the JSON.
 */
export function createProcessLog(env: Record<string, string | undefined>, options: Omit<LogOptions, 'level'>): Log {
  const level = LOG_LEVELS.find((known) => known === env['LOG_LEVEL']?.toLowerCase()) ?? 'info';
  return createLog({ ...options, level });
}

/** JSON shows an error as {}: its name, message, code and cause are what a reader needs. The stack is for bugs: see http/reply.ts. */
function showErrors(_key: string, value: unknown): unknown {
  if (!(value instanceof Error)) return value;
  const { name, message, cause } = value;
  const code = (value as { code?: unknown }).code;
  return { name, message, ...(code === undefined ? {} : { code }), ...(cause === undefined ? {} : { cause }) };
}

/** `total`: counted once more without its dimensions, for an alarm, which reads one metric and adds up none. */
export type Metric = { value: number; unit: 'Count' | 'Milliseconds'; total?: true };

export const METRICS_NAMESPACE = 'mrs-killswitch';

/**
 * One line in CloudWatch's embedded metric format: metrics out of the log, without a call. Dimensions are few and of few values,
 * since each combination is a metric that is paid for.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function metricLine(nowMs: number, metrics: Record<string, Metric>, dimensions: Record<string, string>): string {
  const definitions = Object.entries(metrics).map(([name, { unit }]) => ({ Name: name, Unit: unit }));
  const values = Object.fromEntries(Object.entries(metrics).map(([name, { value }]) => [name, value]));
  const totals = Object.values(metrics).some(({ total }) => total) ? [[]] : [];
  const directive = { Namespace: METRICS_NAMESPACE, Dimensions: [Object.keys(dimensions), ...totals], Metrics: definitions };
  return JSON.stringify({ _aws: { Timestamp: nowMs, CloudWatchMetrics: [directive] }, ...dimensions, ...values });
}
