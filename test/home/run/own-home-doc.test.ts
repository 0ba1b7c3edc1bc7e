import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const ROOT = join(import.meta.dirname, '../../..');
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
const doc = read('docs/own-home.md');

describe('docs/own-home.md', () => {
  it('names every alert of the example rules, and no other', () => {
    const table = doc.slice(doc.indexOf('| Alert |'), doc.indexOf('## Try it'));
    const named = table.split('\n').flatMap((line) => [...(line.split('|')[1] ?? '').matchAll(/`(\w+)`/g)].map(([, name = '']) => name));
    const alerts = [...read('home/run/prometheus-rules.yml').matchAll(/- alert: (\w+)/g)].map(([, name = '']) => name);
    expect(named.toSorted()).toEqual(alerts.toSorted());
  });

  it('names files that are there', () => {
    const files = [...doc.matchAll(/\bhome\/run\/[\w.-]+/g)].map(([file]) => file);
    expect(files.length).toBeGreaterThan(2);
    expect(files.filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
  });

  it('has paths that the unit has', () => {
    const unit = read('home/run/mrs-killswitch.service');
    for (const path of ['/opt/mrs-killswitch', '/etc/mrs-killswitch/settings', '/var/lib/mrs-killswitch/killswitch.sqlite']) {
      expect([path, doc.includes(path), unit.includes(path)]).toEqual([path, true, true]);
    }
    expect([/^SERVE_OPTIONS=--standby$/m.test(doc), /^ExecStart=.* home\/serve\.ts \$SERVE_OPTIONS$/m.test(unit)]).toEqual([true, true]);
  });

  it('has chapters for all that it lists at its top', () => {
    const links = [...(doc.split('## ')[0] ?? '').matchAll(/\(#([\w-]+)\)/g)].map(([, anchor = '']) => anchor);
    const chapters = [...doc.matchAll(/^## (.*)$/gm)].map(([, title = '']) => title.toLowerCase().replaceAll(' ', '-'));
    expect(links).toEqual(chapters);
  });
});
