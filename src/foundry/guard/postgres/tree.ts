/** A Postgres parse tree as libpg-query gives it: a node is {Type: fields}; a field whose type is fixed holds the fields themselves. */
export type PgValue = string | number | boolean | null | PgValue[] | PgFields;
export interface PgFields {
  [field: string]: PgValue;
}

/** What of one node type the walk found. */
export interface Found {
  type: string;
  fields: PgFields;
}

export function isFields(value: PgValue | undefined): value is PgFields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function fieldsOf(value: PgValue | undefined): PgFields {
  return isFields(value) ? value : {};
}

export function listOf(value: PgValue | undefined): PgValue[] {
  return Array.isArray(value) ? value : [];
}

export function textOf(value: PgValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** The fields of a node if it is of this type: `inside({RangeVar: {...}}, 'RangeVar')`. */
export function inside(value: PgValue | undefined, type: string): PgFields | undefined {
  if (!isFields(value)) return undefined;
  const fields = value[type];
  return isFields(fields) ? fields : undefined;
}

/** The texts of a list of String nodes; an empty text is printed by the parser as no text. */
export function stringsOf(value: PgValue | undefined): string[] {
  return listOf(value).flatMap((node) => {
    const string = inside(node, 'String');
    return string ? [textOf(string['sval']) ?? ''] : [];
  });
}

/** The integer of a constant, a minus before it included; undefined for anything else. */
export function integerOf(value: PgValue | undefined): number | undefined {
  const constant = inside(value, 'A_Const');
  if (!constant || !isFields(constant['ival'])) return undefined;
  const integer = constant['ival']['ival'] ?? 0;
  return typeof integer === 'number' ? integer : undefined;
}

/** The text of a string constant, a cast around it included. */
export function literalTextOf(value: PgValue | undefined): string | undefined {
  const cast = inside(value, 'TypeCast');
  if (cast) return literalTextOf(cast['arg']);
  const string = inside(value, 'A_Const')?.['sval'];
  return isFields(string) ? (textOf(string['sval']) ?? '') : undefined;
}
