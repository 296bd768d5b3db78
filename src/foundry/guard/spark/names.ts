import type { Branch } from '../branch.ts';
import { refuse } from '../verdict.ts';
import { OTHER_TYPES } from './functions.ts';
import { SPARK_WORDS } from './words.ts';

const PLAIN = /^[A-Za-z_][A-Za-z0-9_]*$/;
const NUMBER = /^(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
/** What the parser keeps as text without being a name or a value: kinds of joins, units, words as they were written. */
const WORDS = /^[A-Za-z0-9_ ]*$/;

/** Quotes a name that the engine could take for anything else: the two parsers need not agree on every word. */
export function spellName(name: Branch): void {
  const text = name['name'];
  if (typeof text !== 'string' || text === '') return;
  name['quoted'] = !PLAIN.test(text) || SPARK_WORDS.has(text.toLowerCase());
}

/** Refuses a text that would be printed as it is and is more than words. */
export function checkScalar(owner: string, key: string, value: unknown, branch: Branch): void {
  if (typeof value !== 'string') return;
  if (owner === 'literal') checkLiteral(key, value, branch);
  else if (key === 'name' && branch['data_type'] === 'custom') checkType(value);
  else if (!(key === 'name' && 'quoted' in branch) && !WORDS.test(value))
    refuse('guard.construct_refused', 'The query holds a word that cannot be printed safely.');
}

function checkLiteral(key: string, value: string, { literal_type: type }: Branch): void {
  if (key === 'literal_type') {
    if (!['string', 'number', 'date', 'timestamp', 'hex_string', 'raw_string'].includes(value))
      refuse('guard.construct_refused', 'The query holds a kind of constant that is not known.');
  } else if (type === 'number' ? !NUMBER.test(value) : type === 'hex_string' && !/^[0-9a-fA-F]*$/.test(value))
    refuse('guard.construct_refused', 'The query holds a number that cannot be read.');
}

function checkType(name: string): void {
  if (!OTHER_TYPES.has(name.toLowerCase()))
    refuse('guard.construct_refused', 'The query casts to a type that is not known.');
}
