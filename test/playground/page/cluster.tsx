import type { PlaygroundJob, PlaygroundState } from '../state.ts';
import type { Act } from './use-playground.ts';

type Given = { state: PlaygroundState; act: Act; typeKill: (job: PlaygroundJob) => void };

/** The jobs of the simulated clusters, as MRS has them now. */
export function Cluster({ state: { jobs, kinds, nowMs }, act, typeKill }: Given) {
  return (
    <section aria-labelledby="cluster-title">
      <h2 id="cluster-title">Simulated clusters</h2>
      <div className="scroll" role="region" aria-label="Jobs" tabIndex={0}>
        <table>
          <thead>
            <tr><th scope="col">Job</th><th scope="col">State</th><th scope="col"><span className="hidden">What to do</span></th><th scope="col">Cluster</th><th scope="col">Type</th><th scope="col">User</th><th scope="col">Age</th></tr>
          </thead>
          <tbody>
            {jobs.map((job) => (
              <tr key={job.id} className={job.isOver ? 'over' : ''} data-job={job.name}>
                <th scope="row">{job.name}</th>
                <td className={`state ${job.state.toLowerCase()}`}>{job.state}</td>
                <td>{!job.isOver && <button type="button" aria-label={`Type the command that kills ${job.name}`} onClick={() => typeKill(job)}>Kill …</button>}</td>
                <td>{job.cluster}</td>
                <td>{job.type}</td>
                <td>{job.user}</td>
                <td>{ageOf(nowMs - job.submittedAt)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <h3>Add a job</h3>
      <div className="buttons">
        {kinds.map(({ id, title }) => <button type="button" key={id} onClick={() => void act('job', { kind: id })}>{title}</button>)}
      </div>
    </section>
  );
}

function ageOf(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
