/**
 * A Python value in TypeScript: None, bool, float (number), int (bigint), str, list, dict (Map, which keeps the order of its keys).
 * The split of number and bigint keeps Python's int/float difference: 85.0 is not 85.
 */
export type PyValue = null | boolean | number | bigint | string | PyValue[] | Map<string, PyValue> | PyScalar;

/** Python's other scalars by their str(): Decimal 12.50, date 2026-03-28, datetime 2026-03-28 12:00:00+00:00; bytes in hex digits. */
export interface PyScalar {
  type: 'decimal' | 'date' | 'datetime' | 'time' | 'timedelta' | 'bytes';
  text: string;
}

export type ExpressionResult = { ok: true; value: PyValue } | { ok: false; error: string };

/** A sandbox for strangers' `transform_fn`: the documented `eval(fn, {}, {"v": field_value})`. */
export interface ExpressionEngine {
  /** Throws InvalidError `expression.*` naming the construct when the sandbox cannot or will not run it. */
  check(expression: string): void;
  /** One result a value, in order; an error or a limit marks its value only. Throws only when the engine is closed or the expression refused. */
  evaluate(expression: string, values: readonly PyValue[]): Promise<ExpressionResult[]>;
  close(): Promise<void>;
}
