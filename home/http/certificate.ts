import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { SettingsInvalid } from '../../lib/core/errors.ts';
import type { Log } from '../../lib/log/log.ts';

export type Pair = { cert: string; key: string };

/** Certificate and key of this server. */
export type Certificate = {
  /** As they were at the start. */
  pair: Pair;
  /** Hands on each new pair that holds, until what it returns is called. */
  watch(use: (pair: Pair) => void): () => void;
};

const LOOK_EVERY_MS = 10_000; // not a watch of the file: what is mounted changes by a link somewhere above

type Files = { certFile: string; keyFile: string };

/** Reads certificate and key, and looks for new ones. Throws SettingsInvalid where they are none, or do not belong together. */
export function openCertificate(files: Files, log: Log, everyMs: number = LOOK_EVERY_MS): Certificate {
  const pair = readPair(files);
  return {
    pair,
    watch(use) {
      let seen = pair;
      let broken = '';
      const timer = setInterval(() => {
        try {
          const found = readPair(files);
          broken = '';
          if (found.cert === seen.cert && found.key === seen.key) return;
          use(found);
          seen = found;
          log.info('the certificate was read again', { file: files.certFile });
        } catch (error) {
          if (!(error instanceof SettingsInvalid)) throw error;
          if (error.message !== broken) log.error('a new certificate does not hold: the old one stays', { error });
          broken = error.message;
        }
      }, everyMs);
      timer.unref();
      return () => clearInterval(timer);
    },
  };
}

function readPair({ certFile, keyFile }: Files): Pair {
  const pair = { cert: readText('TLS_CERT_FILE', certFile), key: readText('TLS_KEY_FILE', keyFile) };
  try {
    createSecureContext(pair);
    return pair;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    throw new SettingsInvalid([{ name: 'TLS_CERT_FILE', problem: `and TLS_KEY_FILE have to be a certificate and its own key, in PEM, without a password (${code})` }]);
  }
}

function readText(name: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new SettingsInvalid([{ name, problem: `${file} cannot be read (${(error as NodeJS.ErrnoException).code})` }]);
  }
}
