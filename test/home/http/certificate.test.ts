import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openCertificate } from '../../../home/http/certificate.ts';
import { createLog } from '../../../lib/log/log.ts';
import { until } from '../../support/until.ts';
import { serve } from './served.ts';

const PEM = join(import.meta.dirname, '../../fixtures/smn');
const pem = (name: string): string => readFileSync(join(PEM, `${name}.pem`), 'utf8');

let folder: string;
let files: { certFile: string; keyFile: string };
const lines: string[] = [];
const log = createLog({ level: 'info', now: () => 0, write: (line) => void lines.push(line) });
const write = (cert: string, key: string): void => {
  writeFileSync(files.certFile, cert);
  writeFileSync(files.keyFile, key);
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'certificate-'));
  files = { certFile: join(folder, 'tls.crt'), keyFile: join(folder, 'tls.key') };
});
afterAll(() => rmSync(folder, { recursive: true }));

async function shownAt(port: number): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const shown = socket.getPeerX509Certificate()?.toString() ?? '';
  socket.destroy();
  return shown;
}

describe('a server with a certificate', () => {
  it('shows a new one as soon as it is there, and keeps the old one where the new one does not hold', async () => {
    write(pem('certificate'), pem('key'));
    const served = await serve({ certificate: openCertificate(files, log, 20) });
    try {
      expect(served.url).toMatch(/^https:/);
      expect(await shownAt(served.port)).toBe(pem('certificate'));
      write(pem('other'), pem('key'));
      await until(() => lines.length > 0);
      expect(await shownAt(served.port)).toBe(pem('certificate'));
      write(pem('other'), pem('other-key'));
      await until(() => lines.some((line) => line.includes('was read again')));
      expect(await shownAt(served.port)).toBe(pem('other'));
      expect(lines.map((line) => (JSON.parse(line) as { message: string }).message)).toEqual(['a new certificate does not hold: the old one stays', 'the certificate was read again']);
      expect(lines.join('')).not.toContain('PRIVATE KEY');
    } finally {
      await served.stop(0);
    }
  });
});

describe('at the start', () => {
  it.each([
    ['a certificate with the key of another', () => write(pem('certificate'), pem('other-key')), /^settings: TLS_CERT_FILE: and TLS_KEY_FILE have to be a certificate and its own key/],
    ['no certificate at all', () => write('none', pem('key')), /^settings: TLS_CERT_FILE: and TLS_KEY_FILE/],
    ['a file that is not there', () => rmSync(files.keyFile), /^settings: TLS_KEY_FILE: .*tls\.key cannot be read \(ENOENT\)$/],
  ])('%s is refused', (_what, spoil, message) => {
    write(pem('certificate'), pem('key'));
    spoil();
    expect(() => openCertificate(files, log)).toThrow(message);
  });
});
