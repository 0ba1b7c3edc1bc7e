import { type SubmitEvent, useEffect, useRef, useState } from 'react';
import type { Person, PlaygroundState } from '../state.ts';
import { Entry } from './entry.tsx';
import type { Act } from './use-playground.ts';

type Given = { state: PlaygroundState; act: Act; command: string; setCommand: (command: string) => void };

const COMMANDS = ['help', 'jobs', 'history', 'cleanup', 'kept', 'clusters', 'pause for 1h because ', 'resume'];

/** Slack as one person sees it, and where that person types. */
export function Chat({ state: { chat, people }, act, command, setCommand }: Given) {
  const [me, setMe] = useState(people[0]?.id ?? '');
  const log = useRef<HTMLDivElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const seen = chat.filter(({ onlyFor }) => onlyFor === undefined || onlyFor === me);
  const last = seen.at(-1);
  useEffect(() => {
    log.current?.scrollTo({ top: log.current.scrollHeight });
  }, [last?.id, last?.updates, me]);
  useEffect(() => {
    if (command.startsWith('kill ')) input.current?.focus();
  }, [command]);

  const type = (event: SubmitEvent): void => {
    event.preventDefault();
    void act('type', { as: me, text: command.replace(/^\s*\/mrs\b/, '') });
    setCommand('');
  };
  return (
    <section className="chat" aria-labelledby="chat-title">
      <h2 id="chat-title">Slack</h2>
      <People people={people} me={me} setMe={setMe} />
      <div className="log" role="log" aria-label="Messages" tabIndex={0} ref={log}>
        {seen.length === 0 && <p className="empty">Nothing was said yet. Type <code>jobs</code> below, or press a Kill button on the right.</p>}
        {seen.map((entry) => <Entry key={entry.id} entry={entry} people={people} me={me} act={act} />)}
      </div>
      <form onSubmit={type}>
        <label htmlFor="command">/mrs</label>
        <input id="command" ref={input} value={command} onChange={({ target }) => setCommand(target.value)} list="commands" autoComplete="off" placeholder="help" />
        <datalist id="commands">{COMMANDS.map((one) => <option key={one} value={one} />)}</datalist>
        <button type="submit" className="main">Send</button>
      </form>
    </section>
  );
}

function People({ people, me, setMe }: { people: Person[]; me: string; setMe: (id: string) => void }) {
  return (
    <fieldset className="people">
      <legend>You are</legend>
      {people.map(({ id, title, role }) => (
        <label key={role}>
          <input type="radio" name="me" value={id} checked={id === me} onChange={() => setMe(id)} />
          {title}
        </label>
      ))}
    </fieldset>
  );
}
