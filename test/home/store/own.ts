// A process that owns the store of each argument until it is killed: says `owned`, `waits` or why not, a line of JSON each.
// With `--nobody` as a user who may write only what everybody may.
import { startControl } from '../../../home/store/control.ts';
import { openStore } from '../../../home/store/open-store.ts';
import { StoreRefused } from '../../../home/store/refused.ts';

const files = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

if (process.argv.includes('--nobody')) {
  process.setgid?.(65534);
  process.setuid?.(65534);
}
for (const file of files) {
  try {
    const { path } = await openStore(file, { service: 'test', standby: process.argv.includes('--standby'), now: Date.now, onWait: (holder) => say({ waits: holder }) });
    await startControl(path, { open: () => [], stop: async () => 'unknown', backup: async () => ({}), cleanup: async () => ({}) }, (error) => say({ trouble: String(error) }));
    say({ owned: process.pid });
    setInterval(() => undefined, 60_000);
  } catch (error) {
    if (!(error instanceof StoreRefused)) throw error;
    say({ refused: error.message });
  }
}
