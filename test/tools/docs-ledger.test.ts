import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { jobPartition } from '../../lib/ledger/keys.ts';
import { isLike, LEDGER_RIGHTS } from '../stage/ledger-rights.ts';
import { resourcesOfPart } from '../deploy/serverless-part.ts';

const textOf = (file: string): string => readFileSync(join(import.meta.dirname, '../..', file), 'utf8');
const PAGE = textOf('docs/ledger.md');
const COMMANDS = [...PAGE.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, text = '']) => text);

describe('docs/ledger.md', () => {
  it('has every kind of partition, and no other', () => {
    const rows = [...PAGE.matchAll(/^\| ((?:`[^`]+`(?:, )?)+) \| .*\| .*\| .*\| .*\|$/gm)].flatMap(([, keys = '']) => keys.replaceAll('`', '').split(', '));
    const named = rows.filter((row) => row !== 'pk').map((row) => row.replaceAll(/<[^>]+>/g, 'x'));
    const kinds = Object.keys(LEDGER_RIGHTS['kill'] ?? {});
    for (const kind of kinds) expect([kind, named.filter((partition) => isLike(kind, partition))]).toEqual([kind, [expect.any(String)]]);
    expect(named).toHaveLength(kinds.length);
  });

  it('has commands that a shell can read', () => {
    expect(COMMANDS).toHaveLength(3);
    for (const commands of COMMANDS) execFileSync('bash', ['-n', '-c', commands]);
  });

  it('hashes a job as the keys do', () => {
    const [hashing = ''] = /^HASH=.*$/m.exec(PAGE) ?? [];
    const printed = execFileSync('bash', ['-c', `${hashing}; printf %s "$HASH"`], { encoding: 'utf8' });
    expect(`job/${printed}`).toBe(jobPartition('etl-daily'));
  });

  it('takes in again the table that serverless.yml describes', async () => {
    const [, text = ''] = /<<'JSON'\n([^]*?)\nJSON$/m.exec(PAGE) ?? [];
    const { Resources } = JSON.parse(text) as { Resources: Record<string, { Type: string; Properties: Record<string, unknown> }> };
    const { Type, Properties } = (await resourcesOfPart('ledger.cjs'))['LedgerTable'] ?? { Type: '', Properties: {} };
    const { BillingMode, AttributeDefinitions, KeySchema } = Properties;
    expect(Resources).toMatchObject({ LedgerTable: { Type, Properties: { TableName: 'mrs-killswitch-prod-ledger', BillingMode, AttributeDefinitions, KeySchema } } });
  });
});
