// Plugin of serverless.yml. Before packaging it checks policy.yml and writes it as JSON into the package; before a local
// start it does the same and starts the parts that the handlers need. All imports wait for their hook: deploy loads this
// file too, and has no use for the simulator.
export default class KillswitchPlugin {
  constructor(serverless) {
    let local;
    this.hooks = {
      initialize: () => {
        if (serverless.processedInput.commands[0] !== 'deploy' || serverless.service.provider.stage !== 'local') return;
        throw new serverless.classes.Error('stage local is for npm start; name the stage to deploy: npm run deploy -- --stage prod');
      },
      'before:package:createDeploymentArtifacts': async () => {
        const { buildPolicy } = await import('./build-policy.ts');
        buildPolicy(process.env, 'build/policy.json');
      },
      'before:offline:start:init': async () => {
        const { startLocalParts } = await import('../test/local/start.ts');
        const { environment } = serverless.service.provider;
        const deployed = { killFunction: environment.KILL_FUNCTION, ledgerTable: environment.LEDGER_TABLE };
        local = await startLocalParts(process.env, deployed).catch((error) => {
          if (error.name !== 'StartRefused') throw error;
          process.stderr.write(`${error.message}\n`); // osls would print the machine around it
          process.exit(1);
        });
        Object.assign(environment, local.environment);
      },
      'before:offline:start:ready': () => local?.printWhatToTry(),
      'before:offline:start:end': () => local?.stop(),
    };
  }
}
