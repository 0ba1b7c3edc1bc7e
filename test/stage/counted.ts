/** One count: the metric's name and its dimensions. */
export type Count = { metric: string; dimensions: Record<string, unknown> };

/** All that was counted, in order, as CloudWatch reads it out of a log. */
export function countsIn(lines: readonly string[]): Count[] {
  return lines.flatMap((line) => {
    if (!line.startsWith('{"_aws"')) return [];
    const { _aws: aws, ...rest } = JSON.parse(line) as { _aws: { CloudWatchMetrics: { Dimensions: string[][]; Metrics: { Name: string }[] }[] } } & Record<string, unknown>;
    return aws.CloudWatchMetrics.flatMap(({ Dimensions, Metrics }) =>
      Dimensions.slice(0, 1).flatMap((names) => Metrics.map(({ Name }) => ({ metric: Name, dimensions: Object.fromEntries(names.map((name) => [name, rest[name]])) }))),
    );
  });
}

/** The dimensions of what was counted under that name. */
export function countedAs(lines: readonly string[], metric: string): Count['dimensions'][] {
  return countsIn(lines).flatMap((count) => (count.metric === metric ? [count.dimensions] : []));
}
