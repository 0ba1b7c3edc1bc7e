import type { Packaged } from './package-copy.ts';
import { propertiesOf } from './template.ts';

export const FUNCTIONS = ['api', 'slack', 'alerts', 'cleanup', 'events', 'kill', 'warn'] as const;

/** As osls names what belongs to a function. */
export const logical = (name: string): string => `${name.charAt(0).toUpperCase()}${name.slice(1)}`;

export const functionIn = ({ template }: Packaged, name: string) => propertiesOf(template, `${logical(name)}LambdaFunction`);

export const roleOf = ({ template }: Packaged, name: string) => propertiesOf(template, `${logical(name)}Role`);

export const variablesOf = (packaged: Packaged, name: string): Record<string, string> =>
  (functionIn(packaged, name)['Environment'] as { Variables: Record<string, string> }).Variables;
