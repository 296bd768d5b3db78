import { describe, expect, test } from 'vitest';
import { discoveredStreams } from '../../../src/adapters/runner/singer/singer-catalog.ts';

const catalog = (...streams: unknown[]) => JSON.stringify({ streams });
const typesOf = (properties: unknown) =>
  discoveredStreams(catalog({ stream: 's', schema: { properties } }))[0]?.fields;

describe('a discovered catalog', () => {
  test('is reduced to streams, keys and fields', () => {
    const entry = {
      tap_stream_id: 'crm-deals',
      stream: 'deals',
      key_properties: ['id'],
      replication_key: 'updated_at',
      schema: {
        type: 'object',
        properties: {
          id: { type: 'integer' },
          updated_at: { type: ['null', 'string'], format: 'date-time' },
        },
      },
    };
    expect(discoveredStreams(catalog(entry))).toEqual([
      {
        stream: 'deals',
        keyProperties: ['id'],
        replicationKey: 'updated_at',
        fields: { id: 'integer', updated_at: 'date-time' },
      },
    ]);
  });

  test('keys may stand in the metadata, as taps of databases write them, and what cannot be read is left out', () => {
    const entry = {
      tap_stream_id: 'users',
      schema: { properties: { id: { type: 'integer' }, shape: { type: 'string' } } },
      metadata: [
        {
          breadcrumb: [],
          metadata: { 'table-key-properties': ['id'], 'valid-replication-keys': ['changed_at'] },
        },
        { breadcrumb: ['properties', 'shape'], metadata: { inclusion: 'unsupported' } },
      ],
    };
    expect(discoveredStreams(catalog(entry))).toEqual([
      { stream: 'users', keyProperties: ['id'], replicationKey: 'changed_at', fields: { id: 'integer' } },
    ]);
  });

  test('types are one word each', () => {
    const types = typesOf({
      a: { type: ['null', 'number'] },
      b: { anyOf: [{ type: 'string', format: 'date' }, { type: 'null' }] },
      c: { oneOf: [{ type: 'null' }, { anyOf: [{ type: 'boolean' }] }] },
      d: {},
      e: { $ref: '#/definitions/x' },
      f: { type: 'object', properties: {} },
      g: { type: 'string', format: 'whatever a tap says: hunter2' },
      h: 7,
      __proto__: { type: 'integer' },
    });
    expect(types).toMatchObject({
      a: 'number',
      b: 'date',
      c: 'boolean',
      d: 'string',
      e: 'string',
      f: 'object',
      g: 'string',
      h: 'string',
    });
  });

  test('an empty one has no streams; a stream without fields has none', () => {
    expect(discoveredStreams('{"streams":[]}')).toEqual([]);
    expect(discoveredStreams(catalog({ stream: 's', metadata: null, key_properties: null }))).toEqual([
      { stream: 's', keyProperties: [], replicationKey: null, fields: {} },
    ]);
  });

  test.each(['', 'not json', '[]', '{}', '{"streams":{}}', '{"streams":[{"schema":{}}]}'])(
    '%j is refused as no catalog',
    (text) => {
      expect(() => discoveredStreams(text)).toThrow(expect.objectContaining({ code: 'tap.invalid_catalog' }));
    },
  );
});
