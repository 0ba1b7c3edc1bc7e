export type Metric = { value: number; unit: 'Count' | 'Milliseconds' };

export const METRICS_NAMESPACE = 'mrs-killswitch';

/**
 * One line in CloudWatch's embedded metric format: metrics out of the log, without a call. Dimensions are few and of few values,
 * since each combination is a metric that is paid for.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function metricLine(nowMs: number, metrics: Record<string, Metric>, dimensions: Record<string, string>): string {
  const definitions = Object.entries(metrics).map(([name, { unit }]) => ({ Name: name, Unit: unit }));
  const values = Object.fromEntries(Object.entries(metrics).map(([name, { value }]) => [name, value]));
  const directive = { Namespace: METRICS_NAMESPACE, Dimensions: [Object.keys(dimensions)], Metrics: definitions };
  return JSON.stringify({ _aws: { Timestamp: nowMs, CloudWatchMetrics: [directive] }, ...dimensions, ...values });
}
