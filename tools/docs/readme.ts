import type { About, AlertSource } from '../../lib/alerts/source.ts';
import { INVOKING_SOURCES } from '../../lib/alerts/all-sources.ts';
import type { Regions } from './regions.ts';
import { toTable } from './table.ts';

type Sources = Record<string, AlertSource>;
type Told = About & { name: string; route: string };

/** Two tables of all sources: how each is trusted, and how its alerts name a job. */
export function tableRegions(sources: Sources): Regions {
  const all = tellAll(sources).map((told) => ({ ...told, title: titleIn('en', told) }));
  return {
    sources: toTable(
      ['Source', 'Route', 'Who calls, and how it is trusted', 'What makes it happen once'],
      all.map(({ title, link, route, trust, deliveryKey }) => [toLink(title, link), route, trust, deliveryKey]),
    ),
    'sources-jobs': toTable(['Sender', 'Names a job', 'Otherwise'], all.map(({ title, namesJob, otherwise }) => [title, namesJob, otherwise])),
  };
}

/** The short list of a README: each source with the page that `pageOf` has for it, where there is none with its sender's own. */
export function listRegion(sources: Sources, language: 'en' | 'zh', pageOf: (source: string) => string | undefined): Regions {
  return { 'sources-list': tellAll(sources).map((told) => toLink(titleIn(language, told), pageOf(told.name) ?? told.link)).join(' ·\n') };
}

/** What stands at the head of each source's own page, by its name. */
export function rowRegions(sources: Sources): Record<string, Regions> {
  return Object.fromEntries(tellAll(sources).map((told) => {
    const { name, link, route, trust, deliveryKey, namesJob, otherwise } = told;
    const rows = [['Who calls, and how it is trusted', trust], ['What makes it happen once', deliveryKey], ['Names a job', namesJob], ['Otherwise', otherwise]];
    return [name, { 'sources-row': toTable([toLink(titleIn('en', told), link), route], rows) }];
  }));
}

function tellAll(sources: Sources): Told[] {
  return [
    ...Object.entries(sources).map(([name, { about, trust }]) => ({ ...about, trust, name, route: `\`/alerts/${name}\`` })),
    ...Object.entries(INVOKING_SOURCES).map(([name, about]) => ({ ...about, name, route: 'none: `functions/events` is invoked' })),
  ];
}

/** What a sender is called in the README of a language. */
export function titleIn(language: 'en' | 'zh', { title }: Pick<About, 'title'>): string {
  return typeof title === 'string' ? title : title[language];
}

/** Text that leads to a page, where there is one. */
export function toLink(text: string, link: string | undefined): string {
  return link === undefined ? text : `[${text}](${link})`;
}
