// Runs before each of our commands (pre… in package.json), so that an old Node ends in a line and not in a stack. `node tools/check-node.mjs
// 24.0` wants a newer one than the rest: for what needs node:sqlite as Node 24 has it. Old syntax on purpose: it runs on every Node that
// knows modules, from 12 on, and reads nothing.
var wanted = (process.argv[2] || '22.19').split('.').map(Number);
var found = process.versions.node.split('.').map(Number);
if (found[0] < wanted[0] || (found[0] === wanted[0] && found[1] < wanted[1])) {
  console.error(
    'Node ' + wanted.join('.') + ' or newer is needed, and this is Node ' + process.versions.node +
      ': on Linux x64 run "npm ci", which brings Node 24 along for our commands; elsewhere install Node 24, with "nvm install" for one.',
  );
  process.exit(1);
}
