// Loaded before the own home (`--import`): a bug that throws from a timer whenever a call whose path has BUG_AT in it is made.
import { subscribe } from 'node:diagnostics_channel';

const { BUG_AT = '' } = process.env;
// https://undici.nodejs.org/#/docs/api/DiagnosticsChannel
subscribe('undici:request:create', ({ request }) => {
  if (BUG_AT === '' || !request.path.includes(BUG_AT)) return;
  setTimeout(() => {
    throw new Error('a bug in a timer');
  }, 0);
});
