import type { About, AlertSource, Phrase } from '../../lib/alerts/source.ts';
import { INVOKING_SOURCES } from '../../lib/alerts/all-sources.ts';
import type { Regions } from './regions.ts';

type Language = 'en' | 'zh';

const HEADS: Record<Language, { sources: string[]; jobs: string[]; noRoute: string }> = {
  en: {
    sources: ['Source', 'Route', 'Who calls, and how it is trusted', 'What makes it happen once'],
    jobs: ['Sender', 'Names a job', 'Otherwise'],
    noRoute: 'none: `functions/events` is invoked',
  },
  zh: {
    sources: ['告警来源', '路由', '调用方与信任依据', '只执行一次的依据'],
    jobs: ['告警来源', '如何指明作业', '否则'],
    noRoute: '无路由：直接调用 `functions/events`',
  },
};

/** The two tables of a README: how each source is trusted, and how its alerts name a job. */
export function readmeRegions(sources: Record<string, AlertSource>, language: Language): Regions {
  const { sources: sourceHead, jobs: jobHead, noRoute } = HEADS[language];
  const say = (phrase: Phrase): string => sayIn(phrase, language);
  const all: (About & { route: string })[] = [
    ...Object.entries(sources).map(([name, { about, trust }]) => ({ ...about, trust, route: `\`/alerts/${name}\`` })),
    ...Object.values(INVOKING_SOURCES).map((about: About) => ({ ...about, route: noRoute })),
  ];
  return {
    sources: toTable(sourceHead, all.map(({ title, link, route, trust, deliveryKey }) => [toLink(say(title), link), route, say(trust), say(deliveryKey)])),
    'sources-jobs': toTable(jobHead, all.map(({ title, namesJob, otherwise }) => [say(title), say(namesJob), say(otherwise)])),
  };
}

/** A phrase in one of the languages. */
export function sayIn(phrase: Phrase, language: Language): string {
  return typeof phrase === 'string' ? phrase : phrase[language];
}

/** Text that leads to a page, where there is one. */
export function toLink(text: string, link: string | undefined): string {
  return link === undefined ? text : `[${text}](${link})`;
}

function toTable(head: string[], rows: string[][]): string {
  const lines = [head, head.map(() => '---'), ...rows.map((row) => row.map((cell) => cell.replaceAll('|', '\\|')))];
  return lines.map((cells) => (cells[0] === '---' ? `|${cells.join('|')}|` : `| ${cells.join(' | ')} |`)).join('\n');
}
