import type { FieldProfiles } from '../../src/domain/mapping.ts';
import { tokenize } from '../../src/matching/name-tokens.ts';
import { FABRICATED_TABLES, type FabricatedTable } from './fabricated-tables.ts';
import type { LabelledSet } from './labelled-sets.ts';
import { createRandom, type Random, shuffled } from './seeded-random.ts';

/**
 * Pairs of tables made by cutting one in two, as the Valentine experiments do (Koutras et al., ICDE 2021): which columns and which rows
 * the halves share, and whether the names or the values of one half are spoiled.
 */
interface Relation {
  /** Share of the columns both have; the rest is divided between them. */
  columns: number;
  /** Share of the rows both have. */
  rows: number;
  noisyValues: boolean;
}

const RELATIONS = {
  unionable: { columns: 1, rows: 0.5, noisyValues: true },
  'view-unionable': { columns: 0.5, rows: 0, noisyValues: false },
  joinable: { columns: 0.4, rows: 0.5, noisyValues: false },
  'semantically-joinable': { columns: 0.4, rows: 0.5, noisyValues: true },
} as const satisfies Record<string, Relation>;
export const RELATION_NAMES = Object.keys(RELATIONS) as readonly (keyof typeof RELATIONS)[];

const ROWS = 120;
const SAMPLES = 50;

/** One set a table for a relation, the source's names spoiled. */
export function fabricatedSets(relation: keyof typeof RELATIONS, seed = 1): LabelledSet[] {
  return FABRICATED_TABLES.map((table, at) =>
    fabricate(table, RELATIONS[relation], createRandom(seed * 100 + at)),
  );
}

function fabricate(table: FabricatedTable, relation: Relation, random: Random): LabelledSet {
  const rows = Array.from({ length: ROWS }, (_, at) => table.row(random, at));
  const shared = Math.round((ROWS * (1 + relation.rows)) / 2);
  const order = shuffled(random, [...table.columns.keys()]);
  const common = Math.round(order.length * relation.columns);
  const half = common + Math.floor((order.length - common) / 2);
  const left = order.slice(0, half).sort((a, b) => a - b);
  const right = [...order.slice(0, common), ...order.slice(half)].sort((a, b) => a - b);
  const names = new Map(left.map((at) => [at, noisyName(table.columns[at] ?? '', table.name, random)]));
  const spoil = relation.noisyValues
    ? (value: string) => noisyValue(value, random)
    : (value: string) => value;
  const both = right.filter((at) => names.has(at));
  return {
    name: table.name,
    source: profiles(left, rows.slice(0, shared), (at) => names.get(at) ?? '', spoil, random),
    target: profiles(
      right,
      rows.slice(ROWS - shared),
      (at) => table.columns[at] ?? '',
      (value) => value,
      random,
    ),
    truth: Object.fromEntries(both.map((at) => [names.get(at) ?? '', table.columns[at] ?? ''])),
  };
}

function profiles(
  columns: readonly number[],
  rows: readonly (readonly string[])[],
  nameOf: (column: number) => string,
  spoil: (value: string) => string,
  random: Random,
): FieldProfiles {
  return Object.fromEntries(
    columns.map((column) => {
      const values = shuffled(
        random,
        rows.map((row) => row[column] ?? ''),
      ).slice(0, SAMPLES);
      return [nameOf(column), { samples: values.map(spoil) }];
    }),
  );
}

/** The table's name in front, words cut short, or vowels dropped, as it falls. */
function noisyName(name: string, table: string, random: Random): string {
  const words = tokenize(name);
  const way = random.below(3);
  if (way === 0) return `${table}_${words.join('_')}`;
  if (way === 1) return words.map((word) => word.slice(0, 2 + random.below(2))).join('_');
  return words.map((word) => (word[0] ?? '') + word.slice(1).replace(/[aeiou]/g, '')).join('_');
}

/** A number a little off, a letter of a text mistyped: two values in three. */
function noisyValue(value: string, random: Random): string {
  if (random.below(3) === 0 || value === '') return value;
  if (/^-?\d+(?:\.\d+)?$/.test(value) && !value.startsWith('0')) {
    const decimals = value.split('.')[1]?.length ?? 0;
    return (Number(value) * (0.9 + 0.2 * random.next())).toFixed(decimals);
  }
  const at = random.below(value.length);
  return value.slice(0, at) + String.fromCharCode(97 + random.below(26)) + value.slice(at + 1);
}
