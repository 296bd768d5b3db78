import { createLexicon, FILLERS, type Lexicon } from './lexicon.ts';
import { stem, tokenize } from './name-tokens.ts';
import { tokenSimilarity } from './token-similarity.ts';

/** Words that only count columns off. */
const GENERIC: ReadonlySet<string> = new Set([
  ...FILLERS,
  ...'col attr prop var variable data item elem element param feature fld'.split(' '),
]);
/** What a name ends in when it says what its values are: two of different lines are never the same column. */
const KINDS = ['date datetime timestamp day', 'name title label', 'amount price cost total sum'].map(
  (line) => new Set(line.split(' ').map(stem)),
);
const SYSTEMS: ReadonlySet<string> = new Set(['crm', 'erp', 'hris', 'ats', 'oms', 'pms']);
const ALIKE = 0.5;

/** Why two names that are alike may mean different things, for the person who reviews the mapping; null where nothing says so. */
export type NameDoubt = (field: string, column: string) => string | null;

export function createNameDoubt(): NameDoubt {
  const lexicon = createLexicon(stem);
  return (field, column) => {
    const [a, b] = [tokenize(field), tokenize(column)];
    if (kindsDiffer(a, b, lexicon) || onlyNumberShared(a, b, lexicon))
      return 'What the names share is not what tells them apart.';
    return namesSystem(a, b) ? "Whether it is that system's identifier the name does not say." : null;
  };
}

function kindsDiffer(a: readonly string[], b: readonly string[], lexicon: Lexicon): boolean {
  const [one, other] = [kindsOf(a.at(-1), lexicon), kindsOf(b.at(-1), lexicon)];
  return one.length > 0 && other.length > 0 && !one.some((kind) => other.includes(kind));
}

function kindsOf(word: string | undefined, lexicon: Lexicon): number[] {
  if (word === undefined) return [];
  const ends = [word, ...lexicon.readings(word).map((reading) => reading.at(-1) ?? '')].map(stem);
  return [...KINDS.keys()].filter((kind) => ends.some((end) => KINDS[kind]?.has(end)));
}

/** "field_7_name" and "col_7_date": alike only in what counts them off. */
function onlyNumberShared(a: readonly string[], b: readonly string[], lexicon: Lexicon): boolean {
  if (!a.some((word) => isNumber(word) && b.includes(word))) return false;
  const [left, right] = [telling(a, lexicon), telling(b, lexicon)];
  if (left.length === 0 || right.length === 0) return false;
  return !left.some((one) => right.some((other) => tokenSimilarity(one, other, lexicon) >= ALIKE));
}

function telling(words: readonly string[], lexicon: Lexicon): string[] {
  const kept = words.filter((word) => !isNumber(word) && !GENERIC.has(word));
  return kept.flatMap((word) => [word, ...lexicon.readings(word).flat()]);
}

function isNumber(word: string): boolean {
  return /^\d+$/.test(word);
}

/** "OwnerId" may be the id of any system, "owner_crm_id" is that of one. */
function namesSystem(field: readonly string[], column: readonly string[]): boolean {
  const isId = field.at(-1) === 'id' && column.at(-1) === 'id';
  return isId && column.some((word) => SYSTEMS.has(word) && !field.includes(word));
}
