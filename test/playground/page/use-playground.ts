import { useCallback, useEffect, useState } from 'react';
import type { PlaygroundState } from '../state.ts';

/** Does something by the name of its route, and resolves when it is done; what is wrong becomes the `problem`. */
export type Act = (name: string, body: unknown) => Promise<void>;

const LOOK_EVERY_MS = 400;
const GONE = 'The playground gives no answer. Is npm start still running?';

/** The playground as it stands, looked at again and again; undefined until the first answer. */
export function usePlayground(): { state: PlaygroundState | undefined; problem: string; act: Act } {
  const [state, setState] = useState<PlaygroundState>();
  const [problem, setProblem] = useState('');

  useEffect(() => {
    let isOver = false;
    const look = async (): Promise<void> => {
      const looked = await fetch('/playground/state').then(read, () => ({ error: GONE }));
      if (isOver) return;
      if ('error' in looked) setProblem(looked.error);
      else {
        setState(looked);
        setProblem((before) => (before === GONE ? '' : before));
      }
      setTimeout(() => void look(), LOOK_EVERY_MS);
    };
    void look();
    return () => void (isOver = true);
  }, []);

  const act = useCallback<Act>(async (name, body) => {
    const done = await fetch(`/playground/do/${name}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }).then(read, () => ({ error: GONE }));
    if ('error' in done) return setProblem(done.error);
    setProblem('');
    setState(done);
  }, []);
  return { state, problem, act };
}

async function read(answer: Response): Promise<PlaygroundState | { error: string }> {
  return (await answer.json()) as PlaygroundState | { error: string };
}
