import { describe, expect, test } from 'vitest';
import { s3Endpoint } from '../../../../src/adapters/lakehouse/stage/s3/s3-endpoint.ts';
import { createStage } from '../../../../src/adapters/lakehouse/stage/stage.ts';

const KEYS = { accessKeyId: 'id', secretAccessKey: 'secret' };

describe('LAKEHOUSE_STAGE_URL', () => {
  test.each(['file:///mnt/stage', 'file://localhost/mnt/stage', 's3://stage', 's3://my-bucket/some/prefix/'])(
    '%s is a stage',
    async (url) => {
      await createStage(url, { s3: KEYS }).close();
    },
  );

  test.each([
    '',
    '/mnt/stage',
    'mnt/stage',
    'https://host/bucket',
    'file://host/share',
    'file:///mnt/*',
    'file:///mnt/%7Ba,b%7D',
    's3://',
    's3:///prefix',
    's3://Bucket/prefix',
    's3://user@bucket/prefix',
    's3://bucket/a*b',
  ])('%j is refused', (url) => {
    expect(() => createStage(url, { s3: KEYS })).toThrow(
      expect.objectContaining({ code: 'lakehouse.stage_url_invalid', retry: 'terminal' }),
    );
  });

  test('a bucket without keys is refused, by the names of the settings', () => {
    expect(() => createStage('s3://bucket')).toThrow(/AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY/);
  });
});

describe('where the requests go', () => {
  test('to AWS, the bucket in the name of the host', () => {
    expect(s3Endpoint('stage', { ...KEYS, region: 'eu-central-1' })).toMatchObject({
      tls: true,
      host: 'stage.s3.eu-central-1.amazonaws.com',
      port: 443,
      base: '',
    });
  });

  test('to AWS, the bucket in the path where its name has dots', () => {
    expect(s3Endpoint('stage.acme', KEYS)).toMatchObject({
      host: 's3.us-east-1.amazonaws.com',
      base: '/stage.acme',
    });
  });

  test('to another server, the bucket in the path', () => {
    expect(s3Endpoint('stage', { ...KEYS, endpoint: 'http://[::1]:9000' })).toMatchObject({
      tls: false,
      host: '[::1]:9000',
      hostname: '::1',
      port: 9000,
      base: '/stage',
    });
  });

  test.each(['ftp://host', 'host:9000', 'http://host/path', 'http://user:secret@host'])(
    '%s is refused',
    (endpoint) => {
      expect(() => s3Endpoint('stage', { ...KEYS, endpoint })).toThrow(
        expect.objectContaining({ code: 'lakehouse.stage_url_invalid' }),
      );
    },
  );
});
