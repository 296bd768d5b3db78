import { cellTextFor } from './cell-text.ts';
import type { Check } from './checks/check.ts';
import type { PgType } from './column-type.ts';
import { WidenColumn } from './integer-text.ts';
import type { RecordMessage } from './message.ts';
import { compileCheck } from './record-check.ts';
import { Refusal } from './refusal.ts';
import type { RowMetadata } from './row-metadata.ts';
import type { StreamPlan } from './stream-plan.ts';

/** One record as one COPY line. Throws Refusal, or WidenColumn when a column has to grow first. */
export type RowText = (message: RecordMessage, batchedAtMs: number) => string;

export interface RowTextOptions {
  validate: boolean;
  /** Told once per field that the schema does not name; such values are not stored. */
  onUnknownField(field: string): void;
}

const NULL = '\\N';

export function rowTextFor(
  plan: StreamPlan,
  types: ReadonlyMap<string, PgType>,
  metadata: RowMetadata,
  options: RowTextOptions,
): RowText {
  const cells = plan.fields.map(({ field, name, type }, index) => ({
    field,
    name,
    lead: index === 0 ? '' : '\t',
    text: cellTextFor(types.get(name) ?? type),
    inherited: field in {},
  }));
  const check: Check | null = options.validate ? compileCheck(plan.schema) : null;
  const unknown = unknownFields(plan, options.onUnknownField);
  return (message, batchedAtMs) => {
    const { record, timeExtracted, version } = message;
    assertKeys(record, plan.keyFields);
    const problem = check === null ? null : problemOf(check, record);
    if (problem)
      throw new Refusal('singer.record_invalid', problem.replace(/^: /, ''), fieldOf(problem, plan));
    let row = '';
    let present = 0;
    for (const { field, name, lead, text, inherited } of cells) {
      const value = inherited && !Object.hasOwn(record, field) ? undefined : record[field];
      if (value !== undefined) present += 1;
      row += lead;
      row += value === undefined || value === null ? NULL : cellOf(text, value, name, field);
    }
    if (Object.keys(record).length !== present) unknown(record);
    return `${row}${metadata({ timeExtracted, version, deletedAt: record['_sdc_deleted_at'] }, batchedAtMs)}\n`;
  };
}

function problemOf(check: Check, record: Record<string, unknown>): string | null {
  try {
    return check(record, '');
  } catch (error) {
    if (error instanceof RangeError) throw tooDeep(null);
    throw error;
  }
}

function tooDeep(field: string | null): Refusal {
  return new Refusal('singer.value_refused', `${field ?? 'the record'}: is nested too deeply.`, field);
}

function cellOf(text: (value: unknown) => string, value: unknown, column: string, field: string): string {
  try {
    return text(value);
  } catch (error) {
    if (error instanceof WidenColumn) error.column = column;
    if (error instanceof Refusal) throw new Refusal(error.code, `${field}: ${error.message}`, field);
    if (error instanceof RangeError) throw tooDeep(field);
    throw error;
  }
}

/** The top-level field a problem begins with ("address.zip: is not string"). */
function fieldOf(problem: string, { fields }: StreamPlan): string | null {
  const found = fields.find(
    ({ field }) => problem.startsWith(field) && /^[.:[]/.test(problem.slice(field.length)),
  );
  return found?.field ?? null;
}

/** An index entry of Postgres holds no more; it would stop the whole batch. */
const MAX_KEY_BYTES = 2600;

function assertKeys(record: Record<string, unknown>, keyFields: readonly string[]): void {
  let sizeBytes = 0;
  for (const key of keyFields) {
    const value = Object.hasOwn(record, key) ? record[key] : undefined;
    if (value === undefined || value === null)
      throw new Refusal('singer.record_missing_key', `the key property "${key}" is missing or null.`, key);
    if (typeof value === 'string' && value.length > MAX_KEY_BYTES / 4) sizeBytes += Buffer.byteLength(value);
    if (sizeBytes > MAX_KEY_BYTES)
      throw new Refusal(
        'singer.value_refused',
        `${key}: the key is longer than ${MAX_KEY_BYTES} bytes.`,
        key,
      );
  }
}

function unknownFields(
  plan: StreamPlan,
  tell: (field: string) => void,
): (record: Record<string, unknown>) => void {
  const known = new Set(plan.fields.map(({ field }) => field));
  return (record) => {
    for (const field of Object.keys(record)) {
      if (known.has(field)) continue;
      if (known.size < 10_000) known.add(field);
      if (!field.startsWith('_sdc_')) tell(field);
    }
  };
}
