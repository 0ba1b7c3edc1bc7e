import type { AuditLine } from '../state.ts';

/** The audit lines as the home writes them, the newest first. */
export function Audit({ lines }: { lines: AuditLine[] }) {
  return (
    <section aria-labelledby="audit-title">
      <h2 id="audit-title">Audit</h2>
      {lines.length === 0 && <p className="empty">Each kill and each refusal leaves a line here.</p>}
      <ol className="audit" aria-live="polite" aria-label="Audit lines" tabIndex={0} role="log">
        {lines.toReversed().map(({ id, text }) => <Line key={id} text={text} />)}
      </ol>
    </section>
  );
}

type Fields = { time?: string; message?: string; outcome?: string; rule?: string; trigger?: string; requested_by?: string; job?: { job_name?: string } };

/** What people look for first, and the line as it was written. */
function Line({ text }: { text: string }) {
  const { time = '', message = '', outcome, rule, trigger, requested_by: by, job } = JSON.parse(text) as Fields;
  const facts = [outcome, rule, job?.job_name, trigger, by].filter((fact) => fact !== undefined);
  return (
    <li>
      <strong>{time.slice(11, 19)} {message}</strong>{facts.length > 0 && `: ${facts.join(', ')}`}
      <details>
        <summary>The line</summary>
        <code>{text}</code>
      </details>
    </li>
  );
}
