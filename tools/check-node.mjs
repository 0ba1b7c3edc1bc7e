// Runs before start, demo, test and serve, which names a newer one. Old syntax on purpose: it has to run on the Node that it complains about.
var wanted = (process.argv[2] || '22.19').split('.').map(Number);
var found = process.versions.node.split('.').map(Number);
if (found[0] < wanted[0] || (found[0] === wanted[0] && found[1] < wanted[1])) {
  console.error(
    'mrs-killswitch needs Node ' + wanted.join('.') + ' or newer and found ' + process.versions.node +
      ': run "npm ci" (on Linux x64 it brings Node 24 along) or "nvm install".',
  );
  process.exit(1);
}
