import type { StagedSamples } from '../../db/queries/staged-samples.ts';

export interface Keyed {
  sourceField: string;
  targetColumn: string;
  isKey: boolean;
}

/**
 * The one column that alone tells a stream's rows apart in its table; null where several do together, or none. As a load decides it: the
 * staged key when all of it is mapped, else the columns marked as keys.
 */
export function soleKeyOf(mappings: readonly Keyed[], staged: StagedSamples): string | null {
  const keys = keysOf(mappings, staged);
  return keys.length === 1 ? (keys[0] ?? null) : null;
}

/** The columns that tell a stream's rows apart; empty: they are appended. */
export function keysOf(mappings: readonly Keyed[], { primaryKey, fields }: StagedSamples): string[] {
  const own = primaryKey.map(
    (key) => mappings.find(({ sourceField }) => fields.get(sourceField)?.column === key)?.targetColumn,
  );
  const whole = own.filter((key) => key !== undefined);
  if (whole.length > 0 && whole.length === own.length) return whole;
  return mappings.filter(({ isKey }) => isKey).map(({ targetColumn }) => targetColumn);
}
