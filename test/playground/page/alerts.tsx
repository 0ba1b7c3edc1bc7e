import { type ReactNode, type SubmitEvent, useState } from 'react';
import type { Delivery, PlaygroundState } from '../state.ts';
import type { Act } from './use-playground.ts';

/** What reaches the home from elsewhere than Slack: alerts of every source, and the schedule. */
export function Alerts({ state: { sources, jobs, alertNames, deliveries }, act }: { state: PlaygroundState; act: Act }) {
  const [source, setSource] = useState(sources[0] ?? '');
  const [alertname, setAlertname] = useState(alertNames[0] ?? 'MrsJobStuck');
  const [chosen, setChosen] = useState('');
  const alive = jobs.filter(({ isOver }) => !isOver);
  const jobId = alive.find(({ id }) => id === chosen)?.id ?? alive[0]?.id ?? '';
  const send = (event: SubmitEvent): void => {
    event.preventDefault();
    void act('alert', { source, jobId, alertname });
  };
  return (
    <section aria-labelledby="alerts-title">
      <h2 id="alerts-title">Alerts and cleanup</h2>
      <form className="fields" onSubmit={send}>
        <Field id="source" title="Source">
          <select id="source" value={source} onChange={({ target }) => setSource(target.value)}>{sources.map((one) => <option key={one}>{one}</option>)}</select>
        </Field>
        <Field id="job" title="Job">
          <select id="job" value={jobId} onChange={({ target }) => setChosen(target.value)}>{alive.map(({ id, name, cluster }) => <option key={id} value={id}>{`${name} (${cluster})`}</option>)}</select>
        </Field>
        <Field id="alertname" title="Alert name">
          <input id="alertname" value={alertname} onChange={({ target }) => setAlertname(target.value)} list="alert-names" autoComplete="off" required />
          <datalist id="alert-names">{alertNames.map((one) => <option key={one} value={one} />)}</datalist>
        </Field>
        <div className="buttons">
          <button type="submit" className="main">Send alert</button>
          <button type="button" onClick={() => void act('alert-again', { resolved: false })}>Send it again</button>
          <button type="button" onClick={() => void act('alert-again', { resolved: true })}>Send resolved</button>
          <button type="button" onClick={() => void act('cleanup', {})}>Run cleanup</button>
        </div>
      </form>
      <p className="small">smn is an alarm of Cloud Eye, which names no job: its rule picks one in dev. CloudWatch reaches the AWS home only, by an event and no route: <code>npm run replay -- cloudwatch</code>.</p>
      <div aria-live="polite">{deliveries.map((delivery, index) => <Shown key={delivery.id} delivery={delivery} isNewest={index === 0} />)}</div>
    </section>
  );
}

function Field({ id, title, children }: { id: string; title: string; children: ReactNode }) {
  return (
    <div className="field">
      <label htmlFor={id}>{title}</label>
      {children}
    </div>
  );
}

function Shown({ delivery: { title, result, request, answer }, isNewest }: { delivery: Delivery; isNewest: boolean }) {
  return (
    <details open={isNewest}>
      <summary>{title}: {result}</summary>
      <h3>Request</h3>
      <pre tabIndex={0} aria-label={`Request of ${title}`}>{request}</pre>
      <h3>Answer</h3>
      <pre tabIndex={0} aria-label={`Answer to ${title}`}>{answer}</pre>
    </details>
  );
}
