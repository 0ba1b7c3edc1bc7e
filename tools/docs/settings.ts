import type * as z from 'zod/mini';
import { ABOUT_HOME_SETTINGS } from '../../home/settings/about-home-settings.ts';
import { HomeVariables } from '../../home/settings/home-variables.ts';
import { ABOUT_SETTINGS, type AboutSetting } from '../../lib/settings/about-settings.ts';
import { Variables } from '../../lib/settings/variables.ts';
import { LOCAL_SETTINGS, PACKAGING_SETTINGS, POLICY_SETTING } from './other-settings.ts';
import { toTable } from './table.ts';

const HEAD = ['Name', 'Default', 'Secret', 'Meaning', 'Value'];

/** A setting in words; `definition`, where it has one, tells what it may be and what it is when left out. */
export type Setting = AboutSetting & { name: string; definition?: z.ZodMiniType };

const OF_BOTH_HOMES = settingsOf(ABOUT_SETTINGS, Variables.shape);
/** All settings by who reads them. */
export const SETTINGS: { title: string; settings: Setting[] }[] = [
  { title: 'Both homes', settings: [...OF_BOTH_HOMES.filter(({ home }) => home === undefined), ...settingsOf(POLICY_SETTING)] },
  { title: 'Own home only', settings: [...OF_BOTH_HOMES.filter(({ home }) => home === 'own'), ...settingsOf(ABOUT_HOME_SETTINGS, HomeVariables.shape)] },
  { title: 'AWS home only', settings: OF_BOTH_HOMES.filter(({ home }) => home === 'aws') },
  { title: 'Packaging and deploying the AWS home', settings: settingsOf(PACKAGING_SETTINGS) },
  { title: 'Local start and commands', settings: settingsOf(LOCAL_SETTINGS) },
];

/** The tables of docs/settings.md, out of the definitions and what stands beside them. */
export function settingsTables(): string {
  return SETTINGS.map(({ title, settings }) => `### ${title}\n\n${toTable(HEAD, settings.map(rowOf))}`).join('\n\n');
}

function settingsOf(about: Record<string, AboutSetting>, shape: Record<string, z.ZodMiniType> = {}): Setting[] {
  return Object.entries(about).map(([name, words]) => ({ name, ...words, ...(shape[name] && { definition: shape[name] }) }));
}

function rowOf(setting: Setting): string[] {
  const { name, isSecret, meaning } = setting;
  return [`\`${name}\``, defaultOf(setting), isSecret ? 'yes' : '', meaning, valuesOf(setting)];
}

/** As the definition has it; in words where that is nothing. */
function defaultOf({ definition, leftOut = '–' }: Setting): string {
  const read = definition?.safeParse(undefined);
  if (read?.success === false) return '**required**';
  return typeof read?.data === 'string' || typeof read?.data === 'number' ? `\`${read.data}\`` : leftOut;
}

/** No setting can be this, but for one that can be any text. */
const WRONG = '\0';

/** What the definition says when it is something else. */
function valuesOf({ definition, values }: Setting): string {
  const problem = definition?.safeParse(WRONG).error?.issues[0]?.message;
  const said = problem?.replace(/^entry 1:? /, '').replace(/^(?:is for tests: )?(?:has to (?:be )?|takes |write it as )/, '').replace(/^look like/, 'like');
  return values ?? said?.replaceAll('<', '&lt;') ?? 'text';
}
