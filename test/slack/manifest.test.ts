import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parse as parseYaml } from 'yaml';
import { helpText, parseCommand } from '../../lib/slack/command.ts';

type Manifest = {
  features: { app_home: object; slash_commands: { command: string; usage_hint: string }[] };
  oauth_config: { scopes: { bot: string[] } };
};
const manifest = parseYaml(readFileSync('slack-app-manifest.yml', 'utf8')) as Manifest;

describe('the manifest of the Slack app', () => {
  const [slash] = manifest.features.slash_commands;
  const hinted = (slash?.usage_hint ?? '').split(' | ').map((usage) => usage.split(' ')[0] ?? '');

  it('hints at each command, in the order of /mrs help', () => {
    const commands = [...helpText().matchAll(/^`\/mrs (\w+)/gm)].map(([, name]) => name);
    expect(commands.length).toBeGreaterThan(9);
    expect(slash?.command).toBe('/mrs');
    expect(hinted.filter((name) => commands.includes(name))).toEqual(commands);
  });

  it('shows how a kill is written', () => {
    expect(slash?.usage_hint).toMatch(/^kill JOB \[on CLUSTER\] \[because REASON\] \| /);
    expect(parseCommand('kill JOB on CLUSTER because REASON')).toMatchObject({ command: 'kill', cluster: 'CLUSTER', reason: 'REASON' });
    expect(slash?.usage_hint.length).toBeLessThanOrEqual(1_000); // Slack takes no longer one
  });

  it('has the Messages tab, without which nobody can be told in a direct message, and asks for no more than posting takes', () => {
    expect(manifest.features.app_home).toEqual({ home_tab_enabled: false, messages_tab_enabled: true, messages_tab_read_only_enabled: true });
    expect(manifest.oauth_config.scopes.bot).toEqual(['commands', 'chat:write']);
  });
});
