/** A function of the AWS home. */
export type FunctionName = 'api' | 'slack' | 'alerts' | 'cleanup' | 'events' | 'kill' | 'warn';

/** Whether it asks MRS, so that it has to know who we are there: the doors of alerts and events only start kill and warn, which do. */
export function callsMrs(name: FunctionName): boolean {
  return name !== 'alerts' && name !== 'events';
}
