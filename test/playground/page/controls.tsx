import type { PlaygroundState, Switches } from '../state.ts';
import type { Act } from './use-playground.ts';

const SWITCHES: Record<keyof Switches, { title: string; does: string }> = {
  dryRun: { title: 'Dry run', does: 'Sets dryRun in the policy and starts the home again with it. What is open goes on.' },
  paused: { title: 'Pause', does: 'Writes true into the file that PAUSED names. Nothing is killed while it is on. /mrs pause does the same from Slack.' },
  outage: { title: 'MRS outage', does: 'The simulated MRS answers 503 to every call. Slack and IAM go on.' },
};

const MINUTE_MS = 60_000;
const PUSHES: [string, number][] = [['1 min', MINUTE_MS], ['15 min', 15 * MINUTE_MS], ['30 min', 30 * MINUTE_MS], ['2 h', 120 * MINUTE_MS]];

/** What can be changed around the home: its policy, its switch, its cloud and its clock. */
export function Controls({ state: { switches, nowMs, aheadMs }, act }: { state: PlaygroundState; act: Act }) {
  return (
    <section aria-labelledby="controls-title">
      <h2 id="controls-title">Switches and clock</h2>
      {Object.entries(SWITCHES).map(([name, { title, does }]) => (
        <div className="switch" key={name}>
          <label>
            <input type="checkbox" role="switch" checked={switches[name as keyof Switches]} aria-describedby={`${name}-does`} onChange={({ target }) => void act('switch', { [name]: target.checked })} />
            {title}
          </label>
          <p id={`${name}-does`} className="small">{does}</p>
        </div>
      ))}
      <div className="switch">
        <p>Clock: <time dateTime={new Date(nowMs).toISOString()}>{new Date(nowMs).toLocaleString('en-GB')}</time>{aheadMs > 0 && `, ${Math.round(aheadMs / MINUTE_MS)} min ahead`}</p>
        <div className="buttons">
          {PUSHES.map(([title, ms]) => <button type="button" key={title} onClick={() => void act('clock', { ms })}>{`Forward ${title}`}</button>)}
        </div>
        <p className="small">Pushes the clock of home, MRS and Slack forward. It cannot go back. What was waited for comes within two seconds.</p>
      </div>
    </section>
  );
}
