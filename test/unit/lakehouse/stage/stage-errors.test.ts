import { expect, test } from 'vitest';
import { failureOf, s3Error } from '../../../../src/adapters/lakehouse/stage/s3/s3-failure.ts';
import { folderError } from '../../../../src/adapters/lakehouse/stage/stage-errors.ts';

test.each([
  ['ENOSPC', 'lakehouse.stage_full', 'transient'],
  ['EDQUOT', 'lakehouse.stage_full', 'transient'],
  ['EACCES', 'lakehouse.stage_refused', 'terminal'],
  ['EROFS', 'lakehouse.stage_refused', 'terminal'],
  ['ENOENT', 'lakehouse.stage_refused', 'terminal'],
  ['EIO', 'lakehouse.stage_unavailable', 'transient'],
  ['ESTALE', 'lakehouse.stage_unavailable', 'transient'],
])('a folder’s %s is %s', (code, expected, retry) => {
  expect(folderError(Object.assign(new Error('no'), { code }))).toMatchObject({ code: expected, retry });
});

const said = (name: string) => `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${name}</Code></Error>`;

test.each([
  [403, said('AccessDenied'), 'lakehouse.stage_refused', 'AccessDenied', false],
  [403, '', 'lakehouse.stage_refused', 'HTTP 403', false],
  [404, said('NoSuchBucket'), 'lakehouse.stage_refused', 'NoSuchBucket', false],
  [301, said('PermanentRedirect'), 'lakehouse.stage_refused', 'PermanentRedirect', false],
  [400, said('ExpiredToken'), 'lakehouse.stage_refused', 'ExpiredToken', false],
  [400, said('RequestTimeout'), 'lakehouse.stage_unavailable', 'RequestTimeout', true],
  [429, '', 'lakehouse.stage_unavailable', 'HTTP 429', true],
  [503, said('SlowDown'), 'lakehouse.stage_unavailable', 'SlowDown', true],
  [200, said('InternalError'), 'lakehouse.stage_unavailable', 'InternalError', true],
  [507, said('XMinioStorageFull'), 'lakehouse.stage_full', 'XMinioStorageFull', false],
  [403, said('<b>x</b>'), 'lakehouse.stage_refused', 'HTTP 403', false],
])('S3’s answer %i %s is %s', (status, text, code, name, isPassing) => {
  const failure = failureOf({ status, headers: {}, text });
  expect(failure).toMatchObject({ name, isPassing });
  expect(failure && s3Error(failure)).toMatchObject({ code });
});

test('an answer that is no error is none', () => {
  expect(failureOf({ status: 204, headers: {}, text: '' })).toBeNull();
  expect(failureOf({ status: 200, headers: {}, text: '<ListBucketResult></ListBucketResult>' })).toBeNull();
});
