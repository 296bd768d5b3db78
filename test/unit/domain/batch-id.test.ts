import { describe, expect, test } from 'vitest';
import { batchIdOf, uuidV5 } from '../../../src/domain/batch-id.ts';

const DNS = '6ba7b810-9dad-11d1-80b4-00c04fd430c8';
const RUN = '7d444840-9dc0-11d1-b245-5ffdce74fad2';

describe('batch ids', () => {
  test('uuidv5 answers the vector of RFC 9562, A.4', () => {
    expect(uuidV5(DNS, 'www.example.com')).toBe('2ed6657d-e927-568b-95e1-2665a8aea6a2');
  });

  test('the same run, table and stream have the same id, any other another', () => {
    const target = { namespace: 'ns', table: 't', stream: 's' };
    const ids = [
      batchIdOf(RUN, target),
      batchIdOf(DNS, target),
      batchIdOf(RUN, { ...target, namespace: 'ns2' }),
      batchIdOf(RUN, { ...target, table: 't2' }),
      batchIdOf(RUN, { ...target, stream: 's2' }),
      batchIdOf(RUN, { namespace: 'ns', table: 't","s', stream: '' }),
    ];
    expect(new Set(ids).size).toBe(ids.length);
    expect(batchIdOf(RUN, { ...target })).toBe(ids[0]);
  });
});
