// One of the processes of npm run stress -- --jobs: plays each seed that it is sent, and sends back what that came to.
import { playAllOf } from './play-seed.ts';

process.on('message', (seed: number) => {
  void playAllOf(seed).then((played) => process.send?.(played));
});
