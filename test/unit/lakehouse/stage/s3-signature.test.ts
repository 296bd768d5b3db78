import { expect, test } from 'vitest';
import {
  encodedKey,
  queryString,
  signedHeaders,
} from '../../../../src/adapters/lakehouse/stage/s3/signature.ts';

/** The worked examples of "Signature Calculations for the Authorization Header" in the S3 API Reference. */
const EXAMPLE = {
  region: 'us-east-1',
  credentials: {
    accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
    secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  },
  at: new Date('2013-05-24T00:00:00Z'),
};
const HOST = 'examplebucket.s3.amazonaws.com';
const NOTHING = new Uint8Array();

test.each([
  [
    'an object is got in part',
    { method: 'GET', path: '/test.txt', query: [], headers: { range: 'bytes=0-9' }, body: NOTHING },
    'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  ],
  [
    'an object is put',
    {
      method: 'PUT',
      path: `/${encodedKey('test$file.text')}`,
      query: [],
      headers: { date: 'Fri, 24 May 2013 00:00:00 GMT', 'x-amz-storage-class': 'REDUCED_REDUNDANCY' },
      body: Buffer.from('Welcome to Amazon S3.'),
    },
    '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
  ],
  [
    'a setting of a bucket is got',
    { method: 'GET', path: '/', query: [['lifecycle', ''] as const], body: NOTHING },
    'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
  ],
  [
    'a bucket is listed',
    {
      method: 'GET',
      path: '/',
      query: [['prefix', 'J'] as const, ['max-keys', '2'] as const],
      body: NOTHING,
    },
    '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
  ],
])('%s with the signature AWS documents', (_, request, signature) => {
  const { authorization } = signedHeaders({ ...request, host: HOST }, EXAMPLE);
  expect(authorization).toMatch(new RegExp(`,Signature=${signature}$`));
});

test('a session’s token is signed and sent', () => {
  const credentials = { ...EXAMPLE.credentials, sessionToken: 'token' };
  const request = { method: 'GET', host: HOST, path: '/', query: [], body: NOTHING };
  const headers = signedHeaders(request, { ...EXAMPLE, credentials });
  expect(headers['x-amz-security-token']).toBe('token');
  expect(headers['authorization']).toContain(';x-amz-security-token,');
});

test('keys and queries are encoded as S3 decodes them', () => {
  expect(encodedKey(`a b/é+&='(*)!~`)).toBe('a%20b/%C3%A9%2B%26%3D%27%28%2A%29%21~');
  expect(
    queryString([
      ['prefix', 'a/b c'],
      ['list-type', '2'],
      ['uploads', ''],
    ]),
  ).toBe('list-type=2&prefix=a%2Fb%20c&uploads=');
});
