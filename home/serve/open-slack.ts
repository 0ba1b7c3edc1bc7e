import type { Outside } from '../../lib/house/compose.ts';
import type { Settings } from '../../lib/settings/settings.ts';
import type { Secret } from '../../lib/settings/secret.ts';
import type { SlackParts } from '../../lib/slack/ask-for-kill.ts';
import { receiveFromSlack } from '../../lib/slack/receive-command.ts';
import type { OpenSettings } from '../settings/open-settings.ts';
import { openSocketMode, type SocketMode } from '../socket-mode/socket-mode.ts';

type SlackHome = {
  openSettings: OpenSettings;
  outside: Outside;
  house: { refresh: () => Promise<void>; loadStarting: () => SlackParts & { settings: Settings } };
};

/** Slack by Socket Mode, with the app token as it is now. What is not acknowledged Slack sends again. */
export function openSlack({ openSettings, outside, house }: SlackHome): SocketMode {
  return openSocketMode({
    ...outside,
    async readToken(): Promise<Secret> {
      await openSettings.refresh();
      const { slackAppToken } = openSettings.read();
      if (slackAppToken === undefined) throw new Error('SLACK_APP_TOKEN is not set any more');
      return slackAppToken;
    },
    apiUrl: house.loadStarting().settings.slack.apiUrl,
    async receive(request) {
      await house.refresh();
      return receiveFromSlack({ ...house.loadStarting(), comesAgain: true }, request);
    },
  });
}
