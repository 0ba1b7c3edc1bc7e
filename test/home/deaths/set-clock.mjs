// Loaded before the own home (`--import`): its clock on the wall is off by as many ms as the file CLOCK_OFF says, from one moment to the next.
import { readFileSync } from 'node:fs';

const RealDate = Date;
let offMs = 0;
setInterval(() => (offMs = Number(readFileSync(process.env.CLOCK_OFF, 'utf8'))), 20).unref();

globalThis.Date = class extends RealDate {
  constructor(...given) {
    super(...(given.length === 0 ? [RealDate.now() + offMs] : given));
  }

  static now() {
    return RealDate.now() + offMs;
  }
};
