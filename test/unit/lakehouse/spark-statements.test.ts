import { describe, expect, test } from 'vitest';
import { settingStatement } from '../../../src/adapters/lakehouse/spark/client/session.ts';
import { sparkLiteral, sparkText } from '../../../src/adapters/lakehouse/spark/spark-literals.ts';
import { checkColumns, sparkColumn, sparkNames } from '../../../src/adapters/lakehouse/spark/spark-names.ts';
import { checkPlan } from '../../../src/adapters/lakehouse/spark/statement-plan.ts';
import { checkStatementText } from '../../../src/adapters/lakehouse/spark/statement-text.ts';
import { createTurns } from '../../../src/adapters/lakehouse/spark/turns.ts';

const REFUSED = expect.objectContaining({ code: 'lakehouse.refused' });

describe('a text in a statement', () => {
  test('that is plain stays readable', () => {
    expect(sparkText('Zürich, 3 (a-b)')).toBe("'Zürich, 3 (a-b)'");
  });

  test.each(["'", '\\', '"', '`x', '$', '\n', '\t', '\u0001', '🙂', '\u2028', '\ufeff'])(
    '%j is written in digits',
    (text) => {
      const hex = Buffer.from(text).toString('hex');
      expect(sparkText(text)).toBe(`CAST(X'${hex}' AS STRING)`);
    },
  );

  test.each(['a\0b', 'a\ud800'])('%j is refused', (text) => {
    expect(() => sparkText(text)).toThrow(expect.objectContaining({ code: 'lakehouse.value_refused' }));
  });
});

test.each([
  [2n ** 63n, { kind: 'long' }],
  [-(2n ** 31n) - 1n, { kind: 'int' }],
  ['1); drop table x; --', { kind: 'long' }],
  ['1); drop table x; --', { kind: 'double' }],
  ['true', { kind: 'boolean' }],
  [1, { kind: 'string' }],
  ['00', { kind: 'binary' }],
] as const)('%s as %j is refused', (value, type) => {
  expect(() => sparkLiteral(value, type)).toThrow(REFUSED);
});

describe('a name', () => {
  test('is quoted, whatever it holds', () => {
    expect(sparkColumn('a`; drop "x" --')).toBe('`a``; drop "x" --`');
    expect(sparkNames('lake').table('ns', "it's.`")).toBe("`lake`.`ns`.`it's.```");
    expect(sparkNames('lake').argument('ns', "it's\\`")).toBe("'`ns`.`it\\'s\\\\```'");
  });

  test.each(['', 'a\nb', 'a\0', 'x'.repeat(256), '\ud800'])('%j names no column', (name) => {
    expect(() => sparkColumn(name)).toThrow(expect.objectContaining({ code: 'identifier.invalid' }));
  });

  test.each(['..', 'a/b', 'x'.repeat(129)])('%j names no table', (name) => {
    expect(() => sparkNames('lake').table('ns', name)).toThrow(
      expect.objectContaining({ code: 'identifier.invalid' }),
    );
  });

  test('that differs from another by capitals only is refused', () => {
    const type = { kind: 'string' } as const;
    const spec = {
      columns: ['Größe', 'GRÖSSE', 'größe'].map((name) => ({ name, type })),
      keys: [],
      table: 't',
    };
    expect(() => checkColumns(spec)).toThrow(expect.objectContaining({ code: 'lakehouse.columns_collide' }));
  });
});

test('a setting whose name has a dash is quoted', () => {
  expect(settingStatement('spark.a-b', 'x')).toBe('SET `spark.a-b`=x');
});

describe('the text of a query', () => {
  test.each([
    "select * from t where name = 'it''s' and x like '%a\\\\d%' -- all of them\n limit 5",
    'select regexp_replace(a, r\'\\d\', "x") /* why not */ from `a table`',
    "select 'reflect', reflected from t",
    'select a\nfrom t\r\nwhere b',
  ])('%j passes', (statement) => {
    expect(() => checkStatementText(statement)).not.toThrow();
  });

  test.each([
    "select 'a\nb'",
    "select 'a\\nb'",
    "select 'a\\\\\\nb'",
    "select '\\u000a'",
    "select '\\12'",
    "select r'a\nb'",
    'select 1 as `a\u2028b`',
    "select 'open",
    'select 1 /* open',
    "select 1 -- it's",
    'select /* a /* b */ c */ 1',
    'select reflect(1)',
    'select `Java_Method`(1)',
    "select identifier('ref' || 'lect')('java.lang.System', 'getenv')",
    "select * from identifier('lake.theirs.t')",
    'select a\0',
  ])('%j is refused', (statement) => {
    expect(() => checkStatementText(statement)).toThrow(REFUSED);
  });
});

describe('the plan of a query', () => {
  const explained = (...tree: string[]) =>
    `== Parsed Logical Plan ==\n'Project\n\n== Analyzed Logical Plan ==\na: int\n${tree.join('\n')}\n\n== Optimized Logical Plan ==\nx\n`;
  const check = (...tree: string[]) => checkPlan(explained(...tree), 'lake', ['mine']);

  test('that reads its own namespace passes', () => {
    check('Project [a#1]', '+- SubqueryAlias lake.mine.t', '   +- RelationV2[a#1] lake.mine.t lake.mine.t');
    check('Join Inner', ':- OneRowRelation', '+- Range (0, 5, step=1, splits=None)');
  });

  test.each([
    ['RelationV2[a#1] lake.theirs.t lake.theirs.t'],
    ['RelationV2[a#1] lake.mine_too.t lake.mine_too.t'],
    ['RelationV2[a#1] other.mine.t other.mine.t'],
    ['Relation [value#1] text'],
    ['ScriptTransformation cat, [x#1]'],
    ['View (`v`, [a#1])'],
    ['SomethingNew [a#1]'],
    ['RelationV2[a#1] lake.mine.t.files lake.mine.t.files'],
    ['RelationV2[a#1] lake.mine.t.snapshot_id_1 lake.mine.t'],
    ['RelationV2[a#1] file:/wh/theirs/t'],
    ['RelationV2[a#1] /wh/x] lake.mine.t y/../../theirs/t'],
    ['Project [reflect(java.lang.System, getenv) AS a#1]'],
    ['+- RelationV2[`] lake.mine.x`#1] lake.theirs.t lake.theirs.t'],
  ])('%j is refused', (node) => {
    expect(() => check('Project [a#1]', `+- ${node}`)).toThrow(REFUSED);
  });

  test('that is not there is refused', () => {
    expect(() => checkPlan('', 'lake', ['mine'])).toThrow(REFUSED);
    expect(() => checkPlan('== Analyzed Logical Plan ==\nAnalysisException', 'lake', ['mine'])).toThrow(
      REFUSED,
    );
  });
});

test('turns under one name come one after the other, a failed one included; other names do not wait', async () => {
  const turns = createTurns();
  const order: string[] = [];
  const gate = Promise.withResolvers<void>();
  const first = turns.take('a', async () => {
    await gate.promise;
    order.push('first');
    throw new Error('failed');
  });
  const second = turns.take('a', async () => order.push('second'));
  await turns.take('b', async () => order.push('other'));
  gate.resolve();
  await expect(first).rejects.toThrow('failed');
  await second;
  expect(order).toEqual(['other', 'first', 'second']);
});
