import { z } from 'zod';
import { InvalidError } from '../../../errors.ts';

/** Meltano's extras of an extractor under their own names, as they stand in a meltano.yml. */
export interface TapExtras {
  select?: string[] | undefined;
  select_filter?: string[] | undefined;
  metadata?: Record<string, unknown> | undefined;
  schema?: Record<string, unknown> | undefined;
}

const patterns = z.array(z.string().min(1)).optional();
const rules = z.record(z.string(), z.unknown()).optional();

const Extras = z.strictObject({
  _select: patterns,
  _select_filter: patterns,
  _metadata: rules,
  _schema: rules,
});

/**
 * Takes Meltano's extras out of a config: `_select`, `_select_filter`, `_metadata`, `_schema`. Others would name files of this machine
 * (`_catalog`, `_state`) or mean nothing here. Throws InvalidError `config.extras_invalid`.
 */
export function splitExtras(config: Record<string, unknown>): {
  settings: Record<string, unknown>;
  extras: TapExtras;
} {
  const isExtra = ([name]: [string, unknown]) => name.startsWith('_');
  const entries = Object.entries(config);
  const parsed = Extras.safeParse(Object.fromEntries(entries.filter(isExtra)));
  if (!parsed.success) {
    const reasons = z.prettifyError(parsed.error);
    throw new InvalidError('config.extras_invalid', `The config's Meltano extras are wrong: ${reasons}`);
  }
  const {
    _select: select,
    _select_filter: select_filter,
    _metadata: metadata,
    _schema: schema,
  } = parsed.data;
  return {
    settings: Object.fromEntries(entries.filter((entry) => !isExtra(entry))),
    extras: { select, select_filter, metadata, schema },
  };
}
