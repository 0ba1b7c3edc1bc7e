import { runNpm } from './run-npm.ts';

const NOT_CHECKED = 2;

/** npm's report, or what it says where there is none. https://docs.npmjs.com/cli/v11/commands/npm-audit */
type Report = {
  vulnerabilities?: Record<string, { name: string; severity: string; range: string; via: (string | { title: string; url: string })[] }>;
  metadata?: { dependencies?: { prod?: number } };
  statusCode?: number;
  error?: { code?: string; summary?: string };
};

/** Asks the registry for known holes of what is shipped of the project in `root`: what to print, and the exit code (0 none, 1 some, 2 not checked). */
export async function audit(root: string): Promise<{ lines: string[]; code: number }> {
  const { stdout } = await runNpm(['audit', '--omit=dev', '--package-lock-only', '--json'], root);
  return judgeAudit(stdout);
}

/** What npm's JSON means. Only a report with a list of holes, be it empty, is one: never green for want of an answer. */
export function judgeAudit(json: string): { lines: string[]; code: number } {
  const report = readReport(json);
  if (report.vulnerabilities === undefined) {
    const why = report.statusCode === undefined ? (report.error?.code ?? 'npm gave no report') : `the registry answered ${report.statusCode}`;
    return { lines: [`Not checked: ${why}. Ask a registry that takes audits: npm run audit with npm_config_registry set.`], code: NOT_CHECKED };
  }
  const holes = Object.values(report.vulnerabilities);
  const lines = holes.flatMap(({ name, severity, range, via }) => [`${severity}: ${name} ${range}`, ...via.map((cause) => `  ${typeof cause === 'string' ? `by ${cause}` : `${cause.title} ${cause.url}`}`)]);
  return holes.length === 0 ? { lines: ['No known holes.'], code: 0 } : { lines: [...lines, '', `${holes.length} packages with known holes.`], code: 1 };
}

function readReport(json: string): Report {
  try {
    return JSON.parse(json) as Report;
  } catch {
    return {};
  }
}
