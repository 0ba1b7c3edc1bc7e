import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parse as parseYaml } from 'yaml';
import { helpText, parseCommand } from '../../lib/slack/command.ts';

type Manifest = {
  features: { app_home: object; slash_commands: { command: string; usage_hint: string }[] };
  oauth_config: { scopes: { bot: string[] } };
};
const text = readFileSync('slack-app-manifest.yml', 'utf8');
const manifest = parseYaml(text) as Manifest;

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

  it('becomes the one for Socket Mode as its head says: switched on, and without the two lines with a URL', () => {
    const lines = text.replace('socket_mode_enabled: false', 'socket_mode_enabled: true').split('\n');
    const bySocket = parseYaml(lines.filter((line) => !/^\s*\w*url: /.test(line)).join('\n')) as typeof manifest & { settings: object };
    expect(bySocket.settings).toMatchObject({ interactivity: { is_enabled: true }, socket_mode_enabled: true });
    expect(JSON.stringify(bySocket)).not.toContain('https://');
    expect(bySocket.features.slash_commands).toEqual(manifest.features.slash_commands.map((command) => ({ ...command, url: undefined })));
    expect(bySocket.oauth_config).toEqual(manifest.oauth_config);
  });
});
