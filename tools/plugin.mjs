// Plugin of serverless.yml. Before packaging it checks the settings that only a deployment reads and policy.yml, writes that as JSON
// into the package, and adds the schedule of the weekly digest where the policy has one; before a local start it checks and writes the
// same, and starts the parts that the handlers need. All imports wait for their hook: deploy loads this file too, and has no use for
// the simulator.
export default class KillswitchPlugin {
  constructor(serverless) {
    let local;
    this.hooks = {
      initialize: async () => {
        const [command] = serverless.processedInput.commands;
        const { stage, region, environment } = serverless.service.provider;
        if (command === 'deploy' && stage === 'local') throw new serverless.classes.Error('stage local is for npm start; name the stage to deploy: npm run deploy -- --stage prod');
        await orSay(checkVariables);
        if (process.env.LEDGER_TABLE && command !== 'remove') await orSay(() => checkLedgerTable(environment.LEDGER_TABLE));
        if (!['package', 'deploy'].includes(command)) return;
        await orSay(async () => {
          const { checkEnvironments, checkRegion, durableRegionHint } = await import('./osls/check-deployment.ts');
          checkRegion(process.env, region);
          checkEnvironments(environmentsOf(serverless.service));
          const hint = durableRegionHint(region);
          if (hint !== undefined) process.stderr.write(`${hint}\n`);
        });
      },
      'before:package:createDeploymentArtifacts': () =>
        orSay(async () => {
          const { buildPolicy } = await import('./build-policy.ts');
          const { warningLifeSec } = await import('../lib/policy/warning-life.ts');
          const { digestResources } = await import('./digest-schedule.ts');
          const policy = buildPolicy(process.env, 'build/policy.json');
          const { service, provider, functions, resources } = serverless.service;
          functions.warn.durableConfig.executionTimeout = warningLifeSec(policy);
          Object.assign(resources.Resources, digestResources(policy, `${service}-${provider.stage}`));
          if (process.env.KMS_KEY_ARN) for (const name of ['kill', 'warn']) resources.extensions[`${name === 'kill' ? 'Kill' : 'Warn'}LambdaFunction`] = { Properties: { DurableConfig: durableConfigOf(functions[name], process.env.KMS_KEY_ARN) } };
        }),
      'before:offline:start:init': () =>
        orSay(async () => {
          const { startLocalParts } = await import('../test/local/start.ts');
          const { environment } = serverless.service.provider;
          local = await startLocalParts(process.env, { killFunction: environment.KILL_FUNCTION, warnFunction: environment.WARN_FUNCTION, ledgerTable: environment.LEDGER_TABLE });
          giveLocal(serverless.service, local.environment);
        }),
      'before:offline:start:ready': () => local?.printWhatToTry(),
      'before:offline:start:end': () => local?.stop(),
    };
  }
}

/** What npm run deploy says of them, for who calls osls itself. */
async function checkVariables() {
  const { checkPackagingVariables } = await import('./osls/packaging-variables.ts');
  const { SettingsInvalid } = await import('../lib/core/errors.ts');
  const problems = checkPackagingVariables(process.env);
  if (problems.length > 0) throw new SettingsInvalid(problems);
}

/** As a function would refuse it: the same words, before anything is packaged. */
async function checkLedgerTable(table) {
  const { Variables } = await import('../lib/settings/variables.ts');
  const { SettingsInvalid } = await import('../lib/core/errors.ts');
  const { error } = Variables.shape.LEDGER_TABLE.safeParse(table);
  if (error) throw new SettingsInvalid([{ name: 'LEDGER_TABLE', problem: error.issues[0].message }]);
}

/** What each function's variables are, by its name. */
function environmentsOf({ provider, functions }) {
  return Object.fromEntries(Object.entries(functions).map(([name, { environment }]) => [name, { ...provider.environment, ...environment }]));
}

/** Each function gets of the local start's settings what it gets of all: what only some have stands with these. */
function giveLocal({ provider, functions }, settings) {
  const own = Object.values(functions);
  for (const [name, value] of Object.entries(settings)) {
    const those = own.filter(({ environment }) => Object.hasOwn(environment, name));
    for (const { environment } of those.length > 0 ? those : [provider]) environment[name] = value;
  }
}

/** As osls writes it, and the key, which it does not know of yet. https://docs.aws.amazon.com/lambda/latest/dg/durable-encryption.html */
function durableConfigOf({ durableConfig: { executionTimeout, retentionPeriodInDays } }, keyArn) {
  return { ExecutionTimeout: executionTimeout, RetentionPeriodInDays: retentionPeriodInDays, KMSKeyArn: keyArn };
}

// What their message says all of: osls would print a stack, or the machine, around it.
const SAID = ['StartRefused', 'PolicyInvalid', 'PolicyUnreadable', 'SettingsInvalid'];

async function orSay(work) {
  try {
    await work();
  } catch (error) {
    if (!SAID.includes(error.name)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}
