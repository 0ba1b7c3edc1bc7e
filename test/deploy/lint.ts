import { spawnSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { itAtFullSize } from '../support/full-size.ts';
import type { Packaged } from './package-copy.ts';

// osls writes a DependsOn beside references that say the same.
const IGNORED = ['W3005'];
// A field of 2026 that cfn-lint 1.51 has not heard of. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-lambda-function-durableconfig.html
const NOT_KNOWN_YET = /E3002:.*'KMSKeyArn' was unexpected/;
const NOT_FOUND = 127; // of a shell, and of what stands in for a program that is not there

/** cfn-lint, where it is at hand, has nothing to say of the templates. https://github.com/aws-cloudformation/cfn-lint */
export function describeLint(packages: () => Packaged[]): void {
  describe('the templates', () => {
    itAtFullSize('are silent under cfn-lint, with every part and with none', () => {
      const files = packages().map(({ templateFile }) => templateFile);
      const { error, status, stdout, stderr } = spawnSync('cfn-lint', ['--regions', 'eu-west-1', '--ignore-checks', ...IGNORED, '--format', 'parseable', '--template', ...files], { encoding: 'utf8', timeout: 120_000 });
      if (error || status === NOT_FOUND) process.stderr.write('cfn-lint is not at hand: the templates were not linted\n');
      else expect({ said: stdout.split('\n').filter((line) => line !== '' && !NOT_KNOWN_YET.test(line)), stderr }).toEqual({ said: [], stderr: '' });
    }, 130_000);

    it('have nothing empty where something is off', () => {
      for (const { templateText } of packages()) {
        const { Conditions, Resources } = JSON.parse(templateText) as { Conditions?: unknown; Resources: Record<string, { Properties?: Record<string, unknown> }> };
        expect(Conditions).toBeUndefined(); // a part that is off is left out when packaging, not when deploying
        for (const [name, { Properties }] of Object.entries(Resources)) {
          const { Environment: _environment, ...others } = Properties ?? {}; // there empty is unset
          expect([name, /:""|\[""\]/.test(JSON.stringify(others))]).toEqual([name, false]);
        }
      }
    });
  });
}
