import { homeOfStage } from '../stage/home-of-stage.ts';
import { FAULTS, LENGTHS } from './faults.ts';
import { type Place, PLACES } from './places.ts';
import type { Cell } from './play-cell.ts';
import { SOURCES } from './rules.ts';
import { CANNOT_BE, readTable } from './table.ts';
import { OWN_TOKEN, TRIGGERS } from './triggers.ts';

/** A cell that can be, and what has to come of it. */
export type StatedCell = Cell & { expected: string };

/** Every cell of the table that can be. At home nothing lies between the doors and the engine. */
export function cellsOfTable(): StatedCell[] {
  return readTable().flatMap(({ place, fault, cells }) =>
    TRIGGERS.flatMap((trigger) => {
      const stated = cells[trigger] ?? '';
      if (stated in CANNOT_BE || (place === 'engine' && homeOfStage() === 'own')) return [];
      const [once = '', forGood = once] = stated.split(' / ');
      return LENGTHS.map((length) => ({ place: place as Place, fault, trigger, length, expected: length === 'once' ? once : forGood }));
    }),
  );
}

/**
 * The alerts of every source, and REST with a caller's own token, each with every fault of MRS: what is looked for is secrets. AWS's own
 * events do not come to the own home.
 */
export function cellsOfSources(): Cell[] {
  const sources = SOURCES.filter((source) => source !== 'cloudwatch' || homeOfStage() === 'aws');
  const of = (cell: Pick<Cell, 'trigger' | 'source' | 'hasKeys'>): Cell[] => FAULTS.map((fault) => ({ place: 'look', fault, length: 'once', ...cell }));
  return [...sources.flatMap((source) => of({ trigger: 'alert', source, hasKeys: true })), ...of({ trigger: 'REST', source: OWN_TOKEN })];
}

/** What the table leaves out of, or has beside, what can go wrong. */
export function gapsInTable(): string[] {
  const rows = readTable();
  const wanted = Object.entries(PLACES).flatMap(([place, faults]) => faults.map((fault) => `${place}, ${fault}`));
  const stated = rows.map(({ place, fault }) => `${place}, ${fault}`);
  return [
    ...wanted.filter((row) => !stated.includes(row)).map((row) => `no row: ${row}`),
    ...stated.filter((row, index) => !wanted.includes(row) || stated.indexOf(row) !== index).map((row) => `a row too many: ${row}`),
    ...rows.flatMap(({ place, fault, cells }) => TRIGGERS.filter((trigger) => !cells[trigger]).map((trigger) => `no cell: ${place}, ${fault}, ${trigger}`)),
  ];
}
