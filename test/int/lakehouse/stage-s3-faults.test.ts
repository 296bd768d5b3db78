import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { createS3Client, type S3Client } from '../../../src/adapters/lakehouse/stage/s3/s3-client.ts';
import { s3Endpoint } from '../../../src/adapters/lakehouse/stage/s3/s3-endpoint.ts';
import { createS3Transport } from '../../../src/adapters/lakehouse/stage/s3/s3-transport.ts';
import { findFreePort } from '../../../src/embedded/free-port.ts';

/** What the server does with the n-th request: an answer, or the connection cut before any. */
type Step = { status: number; text?: string } | 'cut';

const UPLOAD = { key: 'a/part-0000.parquet', uploadId: 'u' };
const never = new AbortController().signal;
const failed = (name: string) => `<Error><Code>${name}</Code></Error>`;

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** A server that follows a script, and a client of it that waits a millisecond before another try. */
async function scripted(steps: Step[]): Promise<{ client: S3Client; requests: string[] }> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    request.resume().once('end', () => play(steps[requests.length - 1], request, response));
  });
  const port = await findFreePort();
  await once(server.listen(port, '127.0.0.1'), 'listening');
  const keys = { accessKeyId: 'id', secretAccessKey: 'secret' };
  const endpoint = s3Endpoint('bucket', { ...keys, endpoint: `http://127.0.0.1:${port}` });
  const client = createS3Client(createS3Transport(endpoint), { tries: 3, firstDelayMs: 1 });
  closers.push(async () => {
    client.close();
    server.close();
    server.closeAllConnections();
  });
  return { client, requests };
}

function play(step: Step | undefined, request: IncomingMessage, response: ServerResponse): void {
  if (step === undefined || step === 'cut') return void request.socket.destroy();
  response.writeHead(step.status, { etag: '"e"' }).end(step.text ?? '');
}

describe('a request that fails', () => {
  test.each<[string, Step]>([
    ['a connection that is cut', 'cut'],
    ['HTTP 503', { status: 503, text: failed('SlowDown') }],
    ['HTTP 500', { status: 500 }],
    ['HTTP 429', { status: 429 }],
    ['a body that came too slowly', { status: 400, text: failed('RequestTimeout') }],
  ])('is sent again after %s', async (_, step) => {
    const { client, requests } = await scripted([step, step, { status: 200 }]);
    expect(await client.uploadPart(UPLOAD, 2, Buffer.from('x'), never)).toBe('"e"');
    expect(requests).toEqual(Array(3).fill('PUT /bucket/a/part-0000.parquet?partNumber=2&uploadId=u'));
  });

  test('ends as unavailable after a few tries', async () => {
    const { client, requests } = await scripted(['cut', { status: 503 }, 'cut', { status: 200 }]);
    await expect(client.put('a', Buffer.from('x'), never)).rejects.toMatchObject({
      code: 'lakehouse.stage_unavailable',
      retry: 'transient',
    });
    expect(requests).toHaveLength(3);
  });

  test.each(['AccessDenied', 'SignatureDoesNotMatch', 'InvalidAccessKeyId'])(
    'is not sent again after %s',
    async (name) => {
      const { client, requests } = await scripted([{ status: 403, text: failed(name) }, { status: 200 }]);
      await expect(client.put('a', Buffer.from('x'), never)).rejects.toMatchObject({
        code: 'lakehouse.stage_refused',
        retry: 'terminal',
        message: expect.stringContaining(name),
      });
      expect(requests).toHaveLength(1);
    },
  );

  test('is not sent again once it is cancelled', async () => {
    const { client } = await scripted(['cut', { status: 200 }]);
    await expect(client.put('a', Buffer.from('x'), AbortSignal.abort())).rejects.toThrow();
  });
});

describe('completing an upload', () => {
  test('an error in the body of a 200 is one', async () => {
    const { client, requests } = await scripted([
      { status: 200, text: failed('InternalError') },
      { status: 200, text: '<CompleteMultipartUploadResult></CompleteMultipartUploadResult>' },
    ]);
    await client.completeUpload(UPLOAD, ['"e"'], never);
    expect(requests).toHaveLength(2);
  });

  test('that was done and whose answer got lost is done', async () => {
    const { client, requests } = await scripted([
      'cut',
      { status: 404, text: failed('NoSuchUpload') },
      { status: 200 },
    ]);
    await client.completeUpload(UPLOAD, ['"e"'], never);
    expect(requests.at(-1)).toBe('HEAD /bucket/a/part-0000.parquet');
  });

  test('that is gone and left no object has failed', async () => {
    const { client } = await scripted([{ status: 404, text: failed('NoSuchUpload') }, { status: 404 }]);
    await expect(client.completeUpload(UPLOAD, ['"e"'], never)).rejects.toMatchObject({
      code: 'lakehouse.stage_refused',
    });
  });
});

describe('a listing', () => {
  test('goes on where a page ends', async () => {
    const page = (key: string, more: string) =>
      `<ListBucketResult><Contents><Key>${key}</Key><LastModified>2024-02-29T00:00:00.000Z</LastModified></Contents>${more}</ListBucketResult>`;
    const { client, requests } = await scripted([
      {
        status: 200,
        text: page(
          'a&amp;b',
          '<IsTruncated>true</IsTruncated><NextContinuationToken>t/+=</NextContinuationToken>',
        ),
      },
      { status: 200, text: page('c', '<IsTruncated>false</IsTruncated>') },
    ]);
    const modifiedAt = new Date('2024-02-29T00:00:00Z');
    expect(await Array.fromAsync(client.objects('p/'))).toEqual([
      { key: 'a&b', modifiedAt },
      { key: 'c', modifiedAt },
    ]);
    expect(requests).toEqual([
      'GET /bucket/?list-type=2&prefix=p%2F',
      'GET /bucket/?continuation-token=t%2F%2B%3D&list-type=2&prefix=p%2F',
    ]);
  });

  test('of uploads is empty where a server has none', async () => {
    const { client } = await scripted([{ status: 501, text: failed('NotImplemented') }]);
    expect(await Array.fromAsync(client.uploads('p/'))).toEqual([]);
  });
});
