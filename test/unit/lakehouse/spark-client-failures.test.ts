import { describe, expect, test } from 'vitest';
import { settingStatement } from '../../../src/adapters/lakehouse/spark/client/session.ts';
import { failureOf } from '../../../src/adapters/lakehouse/spark/client/sql-failure.ts';

const STACK = `
\tat org.apache.spark.sql.hive.thriftserver.HiveThriftServerErrors$.runningQueryError(HiveThriftServerErrors.scala:43)
\tat java.base/java.lang.Thread.run(Thread.java:840)`;
const WRAPPED = 'org.apache.hive.service.cli.HiveSQLException: Error running query: ';

/** As Spark 3.5 said it. */
describe('what Spark says of a failed statement', () => {
  test('an analysis error loses its plan and its stack, and keeps its class', () => {
    const missing = `[TABLE_OR_VIEW_NOT_FOUND] The table or view \`nope\` cannot be found. Verify the spelling.
If you did not qualify the name with a schema, verify the current_schema() output.; line 1 pos 14;
'Project [*]
+- 'UnresolvedRelation [nope], [], false
`;
    const analysis = 'org.apache.spark.sql.AnalysisException: ';
    const said = `${WRAPPED}[TABLE_OR_VIEW_NOT_FOUND] ${analysis}${missing}${STACK}\nCaused by: ${analysis}${missing}${STACK}`;
    expect(failureOf(said, '42P01')).toMatchObject({
      code: 'lakehouse.sql_failed',
      retry: 'terminal',
      message: '[TABLE_OR_VIEW_NOT_FOUND] The table or view `nope` cannot be found. Verify the spelling.',
      errorClass: 'TABLE_OR_VIEW_NOT_FOUND',
      sqlState: '42P01',
      exceptions: ['AnalysisException'],
      internal: said.slice(0, 4_000),
    });
  });

  test('a syntax error does not repeat the statement', () => {
    const said = `${WRAPPED}[PARSE_SYNTAX_ERROR] org.apache.spark.sql.catalyst.parser.ParseException:${' '}
[PARSE_SYNTAX_ERROR] Syntax error at or near 'selec'.(line 1, pos 0)

== SQL ==
selec secret
^^^
${STACK}`;
    expect(failureOf(said, '42601')).toMatchObject({
      message: "[PARSE_SYNTAX_ERROR] Syntax error at or near 'selec'.(line 1, pos 0)",
      errorClass: 'PARSE_SYNTAX_ERROR',
      exceptions: ['ParseException'],
    });
  });

  test('a task that failed is said by what failed in it', () => {
    const said = `${WRAPPED}org.apache.spark.SparkException: Job aborted due to stage failure: Task 1 in stage 7.0 failed 1 times, most recent failure: Lost task 1.0 in stage 7.0 (TID 9) (localhost executor driver): org.apache.spark.SparkNumberFormatException: [CAST_INVALID_INPUT] The value '1abc' of the type "STRING" cannot be cast to "INT".
== SQL(line 1, position 8) ==
select secret
${STACK}`;
    expect(failureOf(said, null)).toMatchObject({
      message: `[CAST_INVALID_INPUT] The value '1abc' of the type "STRING" cannot be cast to "INT".`,
      errorClass: 'CAST_INVALID_INPUT',
      sqlState: null,
      exceptions: ['SparkException', 'SparkNumberFormatException'],
    });
  });

  test('what has no error class is known by its exception', () => {
    const said = `${WRAPPED}org.apache.iceberg.exceptions.ValidationException: Cannot apply unknown WAP ID 'x'${STACK}`;
    expect(failureOf(said, null)).toMatchObject({
      message: "Cannot apply unknown WAP ID 'x'",
      errorClass: null,
      exceptions: ['ValidationException'],
    });
    const nested = `${WRAPPED}org.apache.spark.SparkException: Writing job failed.${STACK}
Caused by: org.apache.iceberg.exceptions.CommitFailedException: Version 3 already exists${STACK}`;
    expect(failureOf(nested, null)).toMatchObject({
      exceptions: ['SparkException', 'CommitFailedException'],
    });
  });

  test('a message without words still is one, and a long one ends', () => {
    expect(failureOf('', null).message).toBe('The statement failed.');
    expect(failureOf('x'.repeat(1_000_000), null).message).toHaveLength(500);
  });
});

describe('what is no fault of the statement', () => {
  test('a session that is not known any more, in which nothing has run', () => {
    expect(failureOf('Invalid SessionHandle: SessionHandle [0c36a1b5]', null)).toMatchObject({
      code: 'lakehouse.unavailable',
      mayHaveRun: false,
    });
  });

  test.each([
    `${WRAPPED}java.lang.IllegalStateException: Cannot call methods on a stopped SparkContext.${STACK}`,
    `${WRAPPED}org.apache.spark.SparkException: Job 3 cancelled because SparkContext was shut down${STACK}`,
    `${WRAPPED}org.apache.iceberg.exceptions.CommitStateUnknownException: Read timed out${STACK}`,
    `${WRAPPED}org.apache.spark.SparkException: Writing job failed.${STACK}\nCaused by: java.lang.OutOfMemoryError: Java heap space`,
  ])('a server in trouble, whose statement may be done: %#', (said) => {
    expect(failureOf(said, null)).toMatchObject({ code: 'lakehouse.unavailable', mayHaveRun: true });
  });

  test('its words in a value are only words', () => {
    const said = `${WRAPPED}[CAST_INVALID_INPUT] org.apache.spark.SparkDateTimeException: [CAST_INVALID_INPUT] The value 'CommitStateUnknownException' cannot be cast.`;
    expect(failureOf(said, '22018')).toMatchObject({ code: 'lakehouse.sql_failed' });
  });
});

describe('a setting', () => {
  test('is one statement', () => {
    expect(settingStatement('spark.wap.id', 'a-1_b')).toBe('SET spark.wap.id=a-1_b');
    expect(settingStatement('a.b', '')).toBe('SET a.b=');
  });

  test.each([
    ['spark.wap.id', 'a\nb'],
    ['spark.wap.id', 'a;b'],
    ['spark.wap.id', "a'b"],
    ['spark.wap.id', ' a'],
    ['spark.wap.id', '$'.concat('{env:HOME}')],
    ['spark.wap id', 'a'],
    ['', 'a'],
    ['-x', 'a'],
  ])('cannot be %j = %j', (name, value) => {
    expect(() => settingStatement(name, value)).toThrow(
      expect.objectContaining({ code: 'lakehouse.setting_refused' }),
    );
  });
});
