import { refuse } from '../verdict.ts';
import { COLLATIONS, FUNCTIONS, OPERATORS, SYSTEM_COLUMNS, TYPES } from './functions.ts';
import { type Found, inside, listOf, type PgFields, type PgValue, stringsOf, textOf } from './tree.ts';

type Rule = (fields: PgFields) => void;

/** What a node of a known shape must hold besides; types without a rule need none. */
const RULES: Record<string, Rule> = {
  FuncCall: (call) => assertOnList(call['funcname'], FUNCTIONS, 'guard.function_refused', 'The function'),
  TypeName: (name) => assertOnList(name['names'], TYPES, 'guard.construct_refused', 'The type'),
  A_Expr: (expression) =>
    assertOnList(expression['name'], OPERATORS, 'guard.function_refused', 'The operator'),
  CollateClause: (clause) =>
    assertOnList(clause['collname'], COLLATIONS, 'guard.construct_refused', 'The collation'),
  SubLink(link) {
    if (link['operName']) assertOnList(link['operName'], OPERATORS, 'guard.function_refused', 'The operator');
  },
  SQLValueFunction: assertClock,
  ColumnRef: assertNoSystemColumn,
  A_Indirection: assertPlainIndirection,
  RangeTableSample(sample) {
    const method = new Set(['system', 'bernoulli']);
    assertOnList(sample['method'], method, 'guard.function_refused', 'The sampling method');
  },
  SelectStmt(select) {
    if (select['limitOption'] === 'LIMIT_OPTION_WITH_TIES')
      refuse(
        'guard.construct_refused',
        'WITH TIES is not supported: number the rows with rank() and filter them.',
      );
  },
  CommonTableExpr(expression) {
    assertOwnName(expression['ctename']);
  },
  Alias(alias) {
    assertOwnName(alias['aliasname']);
  },
};

export function assertHarmless(found: readonly Found[]): void {
  for (const { type, fields } of found) {
    const rule = Object.hasOwn(RULES, type) ? RULES[type] : undefined;
    rule?.(fields);
  }
}

type OnList = 'guard.function_refused' | 'guard.construct_refused';

/** A name is one word of the list, alone or with the schema all of the list is in. */
function assertOnList(names: PgValue | undefined, list: ReadonlySet<string>, code: OnList, what: string) {
  const parts = stringsOf(names);
  const [schema, name] = parts.length === 2 ? parts : ['pg_catalog', parts[0]];
  const whole = parts.length === listOf(names).length && parts.length <= 2;
  if (whole && schema === 'pg_catalog' && name !== undefined && list.has(name)) return;
  refuse(code, `${what} ${parts.join('.')} is not among those a query may use.`);
}

const CLOCKS = ['CURRENT_DATE', 'CURRENT_TIME', 'CURRENT_TIMESTAMP', 'LOCALTIME', 'LOCALTIMESTAMP'];
const CLOCK_OPERATIONS = new Set(CLOCKS.flatMap((clock) => [`SVFOP_${clock}`, `SVFOP_${clock}_N`]));

function assertClock(fields: PgFields): void {
  const operation = textOf(fields['op']) ?? '';
  if (CLOCK_OPERATIONS.has(operation)) return;
  const spoken = operation.replace('SVFOP_', '').toLowerCase();
  refuse('guard.function_refused', `${spoken} is not among the values a query may ask for.`);
}

function assertNoSystemColumn(fields: PgFields): void {
  const refused = stringsOf(fields['fields']).find((name) => SYSTEM_COLUMNS.has(name));
  if (refused !== undefined)
    refuse('guard.relation_refused', `The system column ${refused} is not part of the data.`);
}

const RECORD_FUNCTIONS = new Set(['json_each', 'json_each_text', 'jsonb_each', 'jsonb_each_text']);

/** `(x).name` may call a function of that name, so only what is known to return these fields has them. */
function assertPlainIndirection(fields: PgFields): void {
  const names = stringsOf(fields['indirection']);
  if (names.length === 0) return;
  const call = stringsOf(inside(fields['arg'], 'FuncCall')?.['funcname']).at(-1) ?? '';
  if (RECORD_FUNCTIONS.has(call) && names.every((name) => name === 'key' || name === 'value')) return;
  refuse(
    'guard.construct_refused',
    `(...).${names.join('.')} is not supported: name the column by its table.`,
  );
}

function assertOwnName(name: PgValue | undefined): void {
  if (textOf(name)?.startsWith('pg_'))
    refuse('guard.relation_refused', 'A name of the query may not begin with pg_.');
}
