import { createRequire } from 'node:module';

type Part = (variables: { resolveConfigurationProperty: (path: string[]) => Promise<string>; resolveVariable: (name: string) => Promise<string> }) => Promise<{ Resources: Record<string, { Type: string; Properties: Record<string, unknown> }> }>;

/** The resources that a part of serverless.yml makes for stage prod where these settings are given. */
export async function resourcesOfPart(file: string, settings: Record<string, string> = {}) {
  const part = createRequire(import.meta.url)(`../../serverless/${file}`) as Part;
  Object.assign(process.env, settings);
  try {
    return (await part({ resolveConfigurationProperty: async () => 'mrs-killswitch', resolveVariable: async () => 'prod' })).Resources;
  } finally {
    for (const name of Object.keys(settings)) delete process.env[name];
  }
}
