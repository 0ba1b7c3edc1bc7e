import { useState } from 'react';
import { Alerts } from './alerts.tsx';
import { Audit } from './audit.tsx';
import { Chat } from './chat.tsx';
import { Cluster } from './cluster.tsx';
import { Controls } from './controls.tsx';
import { usePlayground } from './use-playground.ts';

export function App() {
  const { state, problem, act } = usePlayground();
  // Of the command that is being typed: a job's button writes it, too.
  const [command, setCommand] = useState('');
  if (state === undefined) return <p className="loading">{problem || 'Starting the playground …'}</p>;
  return (
    <>
      <header>
        <h1>mrs-killswitch playground</h1>
        <p>
          A home of its own with a simulated cloud and Slack. What you do is a real signed request to its real routes. Policy: <code>{state.policyFile}</code>
        </p>
      </header>
      <p role="alert" className="problem">{problem}</p>
      <main>
        <Chat state={state} act={act} command={command} setCommand={setCommand} />
        <div className="side">
          <Cluster state={state} act={act} typeKill={({ id, cluster }) => setCommand(`kill ${id} on ${cluster} because `)} />
          <Controls state={state} act={act} />
        </div>
        <Alerts state={state} act={act} />
        <Audit lines={state.audit} />
      </main>
    </>
  );
}
