import type { Policy } from '../../lib/policy/policy.ts';
import { bad, type Finding, ok, warning } from '../findings.ts';
import type { Answer, Ask } from './ask-slack.ts';
import { judgeChannel } from './channel.ts';

const KEY = 'slack.people';

/** For each that `slack.people` names, whether it can be told of a warning. Asks once for each, and posts nothing. */
export async function* checkPeople(ask: Ask, { slack: { people = {} }, alerts, cleanup }: Policy): AsyncGenerator<Finding, void, undefined> {
  const globsOf = Map.groupBy(Object.entries(people), ([, id]) => id);
  const unseen: string[] = [];
  for (const [id, entries] of globsOf) {
    const whose = entries.map(([glob]) => glob).join(', ');
    const about = `${KEY} ${whose}`;
    if (/^[CG]/.test(id)) {
      yield judgeChannel(`${about}: channel ${id}`, KEY, await ask('conversations.info', { channel: id }));
      continue;
    }
    const answer = unseen.length === 0 ? await ask('users.info', { user: id }) : undefined;
    if (answer === undefined || answer.reply.error === 'missing_scope') unseen.push(`${id} (${whose})`);
    else yield judgePerson(`${about}: ${id}`, answer);
  }
  if (unseen.length > 0) {
    yield warning(KEY, `without users:read, which nothing else needs, it cannot be seen whether these still work here and are no bots; see yourself: ${unseen.join(', ')}`);
  }
  const warnings = [...alerts, ...cleanup].filter(({ warnMs }) => warnMs !== undefined).length;
  if (warnings > 0 && globsOf.size === 0) yield ok(KEY, `names nobody, and ${warnings === 1 ? 'a rule warns' : `${warnings} rules warn`}: slack.channel is told, and no owner`);
}

/** https://docs.slack.dev/reference/methods/users.info/ */
function judgePerson(about: string, { status, reply: { ok: isOk, error, user } }: Answer): Finding {
  if (isOk !== true || user === undefined) {
    if (error === 'user_not_found' || error === 'user_not_visible') return bad(about, `the bot sees no such person: correct ${KEY} in the policy`);
    if (status === 429) return warning(about, 'was not looked at, since Slack was asked too often; try again in a minute');
    return bad(about, `users.info: ${error ?? `HTTP ${status}`}`);
  }
  if (user.deleted === true) return bad(about, `is deactivated; name somebody else, or a channel, in ${KEY}`);
  if (user.is_bot === true) return bad(about, `is a bot, and nobody would read it; name a person, or a channel, in ${KEY}`);
  return ok(about, `${user.name ?? 'a person'}, who can be told`);
}
