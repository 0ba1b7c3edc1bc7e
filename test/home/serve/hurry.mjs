// Loaded before the own home (`--import`): waits of exactly so long take another time, as HURRY says, such as {"3600000":300}.
const given = JSON.parse(process.env.HURRY ?? '{}');

for (const name of ['setTimeout', 'setInterval']) {
  const real = globalThis[name];
  globalThis[name] = Object.defineProperties((run, ms, ...more) => real(run, given[ms] ?? ms, ...more), Object.getOwnPropertyDescriptors(real));
}
