import type { About, AlertSource, Phrase } from '../../lib/alerts/source.ts';
import { INVOKING_SOURCES } from '../../lib/alerts/all-sources.ts';
import type { Regions } from './regions.ts';
import { toTable } from './table.ts';

type Language = 'en' | 'zh';
type Sources = Record<string, AlertSource>;
type Told = About & { name: string; route: string };

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

/** Two tables of all sources: how each is trusted, and how its alerts name a job. */
export function tableRegions(sources: Sources, language: Language): Regions {
  const { sources: sourceHead, jobs: jobHead } = HEADS[language];
  const say = (phrase: Phrase): string => sayIn(phrase, language);
  const all = tellAll(sources, language);
  return {
    sources: toTable(sourceHead, all.map(({ title, link, route, trust, deliveryKey }) => [toLink(say(title), link), route, say(trust), say(deliveryKey)])),
    'sources-jobs': toTable(jobHead, all.map(({ title, namesJob, otherwise }) => [say(title), say(namesJob), say(otherwise)])),
  };
}

/** The short list of a README: each source with the page that `pageOf` has for it, where there is none with its sender's own. */
export function listRegion(sources: Sources, language: Language, pageOf: (source: string) => string | undefined): Regions {
  return { 'sources-list': tellAll(sources, language).map(({ name, title, link }) => toLink(sayIn(title, language), pageOf(name) ?? link)).join(' ·\n') };
}

/** What stands at the head of each source's own page, by its name. */
export function rowRegions(sources: Sources): Record<string, Regions> {
  return Object.fromEntries(tellAll(sources, 'en').map(({ name, title, link, route, trust, deliveryKey, namesJob, otherwise }) => {
    const rows = [['Who calls, and how it is trusted', trust], ['What makes it happen once', deliveryKey], ['Names a job', namesJob], ['Otherwise', otherwise]] as const;
    return [name, { 'sources-row': toTable([toLink(sayIn(title, 'en'), link), route], rows.map(([what, phrase]) => [what, sayIn(phrase, 'en')])) }];
  }));
}

function tellAll(sources: Sources, language: Language): Told[] {
  return [
    ...Object.entries(sources).map(([name, { about, trust }]) => ({ ...about, trust, name, route: `\`/alerts/${name}\`` })),
    ...Object.entries(INVOKING_SOURCES).map(([name, about]) => ({ ...about, name, route: HEADS[language].noRoute })),
  ];
}

/** A phrase in one of the languages. */
export function sayIn(phrase: Phrase, language: Language): string {
  return typeof phrase === 'string' ? phrase : phrase[language];
}

/** Text that leads to a page, where there is one. */
export function toLink(text: string, link: string | undefined): string {
  return link === undefined ? text : `[${text}](${link})`;
}
