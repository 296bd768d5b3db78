import { expect, test } from 'vitest';
import { parseSparkUrl } from '../../../src/adapters/lakehouse/spark/client/spark-url.ts';
import { InvalidError, messageOf } from '../../../src/errors.ts';

test('a whole url is read', () => {
  expect(parseSparkUrl('spark+http://ann:p%40ss%3A%2F@lake.example:9999/a/b?catalog=lake')).toEqual({
    tls: false,
    host: 'lake.example',
    port: 9999,
    path: '/a/b',
    auth: { kind: 'basic', user: 'ann', password: 'p@ss:/' },
    catalog: 'lake',
    caFile: null,
  });
});

test('what is left out has its default', () => {
  const anonymous = { kind: 'basic', user: 'anonymous', password: 'anonymous' };
  const plain = { tls: false, host: 'h', port: 10_001, path: '/cliservice', auth: anonymous };
  expect(parseSparkUrl('spark+http://h')).toEqual({ ...plain, catalog: null, caFile: null });
  expect(parseSparkUrl('spark+https://h/')).toMatchObject({ tls: true, port: 443, path: '/cliservice' });
});

test('a token goes as bearer, certificates are named by their file', () => {
  expect(parseSparkUrl('spark+https://h?token=ab%2Bc.d&ca=%2Fetc%2Fca.pem')).toMatchObject({
    auth: { kind: 'bearer', token: 'ab+c.d' },
    caFile: '/etc/ca.pem',
  });
});

test('an IPv6 address is without its brackets', () => {
  expect(parseSparkUrl('spark+http://[::1]:10001')).toMatchObject({ host: '::1', port: 10_001 });
});

test.each([
  ['not a url', 'it is not a url'],
  ['http://u:secret@h', 'must begin with spark+http'],
  ['spark+http:///cliservice', 'names no host'],
  ['spark+http://u:secret@h?catalogue=x', '"catalogue" is not one of'],
  ['spark+http://u:secret@h?catalog=a&catalog=b', '"catalog" is given twice'],
  ['spark+https://u:secret@h?token=secret', 'both a user and a token'],
  ['spark+https://h?token=sec+ret', 'write + as %2B'],
  ['spark+http://h?ca=/secret.pem', '"ca" needs spark+https'],
  ['spark+http://u:se%zzcret@h', 'write % as %25'],
  ['spark+http://a%3Ab:secret@h', 'cannot have a colon'],
  ['spark+http://u:secret@h/#x', 'write # as %23'],
])('%s is refused with its reason and without its secret', (url, reason) => {
  const refusal = refusalOf(url);
  expect(refusal).toBeInstanceOf(InvalidError);
  expect(refusal).toMatchObject({ code: 'lakehouse.url_invalid' });
  expect(messageOf(refusal)).toContain(reason);
  expect(messageOf(refusal)).not.toContain('secret');
});

function refusalOf(url: string): unknown {
  try {
    return parseSparkUrl(url);
  } catch (error) {
    return error;
  }
}
