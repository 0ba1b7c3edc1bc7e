import fc from 'fast-check';

/** Stands for host and port of a server that listens on this machine, and that nothing may lead to. */
export const TRAP = 'trap.of.this.run:1';

/** Where somebody would like us to call. */
export const HOSTILE_URLS = [
  `http://${TRAP}/a`, `https://${TRAP}/smn/SMN_eu-west-101_certificate.pem`, `//${TRAP}/`, `http://hooks.slack.com@${TRAP}/`, `https://hooks.slack.com:443@${TRAP}/services/T0/B0/x`, `http://localhost:1/`,
  'http://169.254.169.254/latest/meta-data/iam/', 'http://169.254.169.254/openstack/latest/securitykey', 'http://[::ffff:169.254.169.254]/', 'http://2852039166/', 'http://0x7f.1:8080/', 'http://[::1]:22/',
  'http://10.0.0.1/', 'https://192.168.0.1:8443/', 'https://evil.example/hooks.slack.com', 'https://hooks.slack.com.evil.example/x', 'https://hooks.slack.com:444/commands/T0/1/x', 'http://hooks.slack.com/commands/T0/1/x',
  'https://hooks.slack.com/../../x', 'https://hooks.slack.com\\@evil.example/', 'https://hooks.slack.com%2eevil.example/', 'https://evil.example#@hooks.slack.com/', 'https://hooks.slаck.com/x',
  'https://smn.eu-west-101.myhuaweicloud.eu.evil.example/smn/SMN_eu-west-101_certificate.pem', 'https://smn.eu-west-101.myhuaweicloud.eu:8443/smn/x.pem', 'https://smn.eu-west-101.myhuaweicloud.eu@evil.example/x.pem',
  'https://console.eu.huaweicloud.com/smn/subscription/confirm?token=x', 'ftp://evil.example/x', 'file:///etc/passwd', 'javascript:alert(1)', 'data:text/plain,x', 'https://', 'http:', ':', 'not a url', 'https://user:pass@smn.eu-west-101.myhuaweicloud.eu/x.pem',
];

/** Texts that were made to break out, to be read as something else, or to be too much. */
const TEXTS = [
  '', ' ', '\n', '\r\nX-Injected: 1', '\u0000', '\u001b[31m', '\u2028', '\u202e', '\ud800', '\udc00x', 'ü', '👩‍💻', '__proto__', 'constructor', 'toString', 'hasOwnProperty', '${jndi:ldap://evil.example/a}', '{{7*7}}', '%00', '%', '%zz', '../..', '/',
  '0', '-1', '1e999', 'NaN', 'true', 'null', 'undefined', '[object Object]', '0001-01-01T00:00:00Z', '9999-12-31T23:59:59.999Z', '+275760-09-13T00:00:00.001Z', '2026-02-30T00:00:00Z', '2026-11-22T12:00:00+99:99', '1795348800000',
  'application_1564622673393_0007', 'job_1564622673393_0007', 'container_e17_1564622673393_0007_01_000001', 'application_1564622673393_0007 application_1564622673393_0008', 'application_99999999999999999999_1', '431b135e-c090-489f-b1db-0abe3822b855',
  'analytics', 'dev', 'nobody', 'spark-driver', 'nightly-etl', 'firing', 'resolved', 'Triggered', 'Recovered', 'ALARM', 'OK', 'block_actions', 'view_submission', 'kill', 'decline', 'start', 'keep', 'kill-now', 'cleanup',
  '<!channel>', '<@U0VICTIM>', '<https://evil.example|open>', '“etl daily”', '`nightly-etl`', '*', '?', '*'.repeat(60), 'a'.repeat(65), 'x'.repeat(5_000), '<'.repeat(4_000), 'ü'.repeat(3_000), '((((((((((a+)+)+)+)+)+)+)+)+)+)!',
];

/** JSON that JSON.stringify would not write, by the text that stands for it. */
const WRITTEN: Record<string, string> = {
  '@@1e999': '1e999', '@@-0': '-0', '@@digits': '9'.repeat(400), '@@deep list': '['.repeat(3_000) + ']'.repeat(3_000), '@@deep object': '{"a":'.repeat(3_000) + '0' + '}'.repeat(3_000), '@@proto': '{"__proto__":{"status":"firing"},"constructor":{"prototype":1}}', '@@twice': '{"a":1,"a":2}',
};

/** JSON text of a value, with what JSON.stringify would not write. */
export function writeJson(value: unknown): string {
  const text = JSON.stringify(value) ?? 'null';
  return text.includes('"@@') ? text.replaceAll(/"(@@[^"]+)"(?!:)/g, (all, name: string) => WRITTEN[name] ?? all) : text;
}

/** A text that a sender should not send, and may. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...TEXTS) },
  { weight: 3, arbitrary: fc.constantFrom(...HOSTILE_URLS) },
  { weight: 1, arbitrary: fc.array(fc.nat(0x10ffff), { maxLength: 12 }).map((letters) => String.fromCodePoint(...letters)) },
);

/** A value of any kind in place of the one that is meant. */
export const anyValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 6, arbitrary: anyText },
  { weight: 3, arbitrary: fc.constantFrom<unknown>(null, true, false, 0, -1, 1.5, 1e21, 253_402_300_800_000, Number.MAX_SAFE_INTEGER + 2, [], {}, [null], [[]], [{}], { '': '' }, { toString: 1 }) },
  { weight: 2, arbitrary: fc.constantFrom(...Object.keys(WRITTEN)) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
);
