import { describe, expect, test } from 'vitest';
import { passThroughName, planStreams } from '../../../src/services/runs/plan-streams.ts';
import { mapping, stagedTable } from './fixtures.ts';

const DESTINATION = 'salesforce_opportunities';
type Input = Parameters<typeof planStreams>[0];

function targetsOf(input: Partial<Input>): Record<string, string[]> {
  const targets = planStreams({
    destinationTable: DESTINATION,
    mappings: [],
    tables: [],
    streams: [],
    ...input,
  });
  const byStream = Map.groupBy(targets, ({ stream }) => stream);
  return Object.fromEntries(
    [...byStream].map(([stream, own]) => [stream, own.map(({ targetTable }) => targetTable)]),
  );
}

describe('target tables', () => {
  test('the only stream without mappings passes through to the destination table', () => {
    expect(targetsOf({ tables: [stagedTable('Opportunity')] })).toEqual({ Opportunity: [DESTINATION] });
  });

  test('several streams without mappings have tables of their own', () => {
    expect(targetsOf({ tables: [stagedTable('Opportunity'), stagedTable('Contact')] })).toEqual({
      Opportunity: [`${DESTINATION}__opportunity`],
      Contact: [`${DESTINATION}__contact`],
    });
  });

  test('streams whose names meet still have tables of their own', () => {
    const targets = targetsOf({ tables: [stagedTable('a-b', { stream: 'a-b' }), stagedTable('a_b')] });
    expect(new Set(Object.values(targets).flat()).size).toBe(2);
  });

  test('the oldest mapped target is the destination table, the others keep their names', () => {
    const mappings = [
      mapping({}),
      mapping({ sourceField: 'Name', targetColumn: 'name' }),
      mapping({ sourceStream: 'Contact', targetTable: 'contacts' }),
    ];
    expect(
      targetsOf({
        mappings,
        tables: [stagedTable('Contact'), stagedTable('Opportunity'), stagedTable('Lead')],
      }),
    ).toEqual({
      Opportunity: [DESTINATION],
      Contact: ['contacts'],
      Lead: [`${DESTINATION}__lead`],
    });
  });

  test('a mapping that does not apply yet still decides which target is the first', () => {
    const mappings = [
      mapping({ confidenceScore: 0.4 }),
      mapping({ sourceStream: 'Contact', targetTable: 'contacts' }),
    ];
    expect(targetsOf({ mappings, tables: [stagedTable('Contact'), stagedTable('Opportunity')] })).toEqual({
      Opportunity: [DESTINATION],
      Contact: ['contacts'],
    });
  });

  test('one stream may be mapped to two tables', () => {
    const mappings = [mapping({}), mapping({ sourceField: 'Name', targetTable: 'names' })];
    expect(targetsOf({ mappings, tables: [stagedTable('Opportunity')] })).toEqual({
      Opportunity: ['names', DESTINATION],
    });
  });

  test("another loader's table belongs to the stream it would be named after, in any case", () => {
    const foreign = [stagedTable('users', { stream: null }), stagedTable('opportunity', { stream: null })];
    const targets = targetsOf({ tables: foreign, streams: ['public-users', 'Opportunity'] });
    expect(Object.keys(targets).sort()).toEqual(['Opportunity', 'public-users']);
  });

  test('a long name is cut to what a table may be called, without meeting another', () => {
    const names = ['x', 'y'].map((end) => passThroughName(DESTINATION, `${'ü long '.repeat(20)}${end}`));
    expect(new Set(names).size).toBe(2);
    for (const name of names) expect(Buffer.byteLength(name)).toBeLessThanOrEqual(63);
  });
});
