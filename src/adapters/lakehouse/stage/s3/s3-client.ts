import { setTimeout as pause } from 'node:timers/promises';
import { messageOf } from '../../../../errors.ts';
import { stageUnavailable } from '../stage-errors.ts';
import { failureOf, type S3Failure, s3Error } from './s3-failure.ts';
import type { S3Answer, S3Request, S3Transport } from './s3-transport.ts';
import { elements, elementText, escaped } from './s3-xml.ts';

export interface S3Upload {
  key: string;
  uploadId: string;
}

/**
 * What a stage needs of one bucket. What may pass is tried again a few times; then UnavailableError `lakehouse.stage_unavailable` or
 * `lakehouse.stage_full`; a refusal is InvalidError `lakehouse.stage_refused`.
 */
export interface S3Client {
  put(key: string, body: Uint8Array, signal: AbortSignal): Promise<void>;
  startUpload(key: string, signal: AbortSignal): Promise<S3Upload>;
  /** Parts count from 1. Answers the part's ETag. */
  uploadPart(upload: S3Upload, part: number, body: Uint8Array, signal: AbortSignal): Promise<string>;
  completeUpload(upload: S3Upload, etags: readonly string[], signal: AbortSignal): Promise<void>;
  /** Nothing where there is none. */
  abortUpload(upload: S3Upload): Promise<void>;
  remove(key: string): Promise<void>;
  /** By pages of up to 1,000. */
  objects(prefix: string): AsyncIterable<{ key: string; modifiedAt: Date }>;
  uploads(prefix: string): AsyncIterable<S3Upload & { startedAt: Date }>;
  /** When the last part of an upload came; null: none yet, or there is no such upload. */
  lastPartAt(upload: S3Upload): Promise<Date | null>;
  close(): void;
}

export interface RetryOptions {
  tries: number;
  /** Before the second try; doubled before each further one, and spread at random. */
  firstDelayMs: number;
}

const RETRY: RetryOptions = { tries: 5, firstDelayMs: 200 };
const MAX_DELAY_MS = 5_000;

export function createS3Client(transport: S3Transport, retry: RetryOptions = RETRY): S3Client {
  /** Answers whatever is no failure, or one of the failures that mean something to the caller. */
  async function send(request: S3Request, expected: readonly string[] = []): Promise<S3Answer> {
    for (let tries = 1; ; tries++) {
      const outcome = await transport.send(request).then(judged, (error: unknown) => error);
      if (isJudged(outcome)) {
        const { answer, failure } = outcome;
        if (!failure || expected.includes(failure.name)) return answer;
        if (!failure.isPassing || tries >= retry.tries) throw s3Error(failure);
      } else if (tries >= retry.tries || request.signal?.aborted) {
        throw stageUnavailable('it cannot be reached', { cause: outcome, internal: messageOf(outcome) });
      }
      await pause(delayMs(retry, tries), undefined, request.signal ? { signal: request.signal } : {});
    }
  }

  async function completeUpload({ key, uploadId }: S3Upload, etags: readonly string[], signal: AbortSignal) {
    const parts = etags.map(
      (etag, n) => `<Part><PartNumber>${n + 1}</PartNumber><ETag>${escaped(etag)}</ETag></Part>`,
    );
    const body = Buffer.from(`<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`);
    const answer = await send({ method: 'POST', key, query: [['uploadId', uploadId]], body, signal }, [GONE]);
    const failure = failureOf(answer);
    // an earlier try may have done it and its answer got lost
    if (failure && !(await exists(key))) throw s3Error(failure);
  }

  async function exists(key: string): Promise<boolean> {
    return failureOf(await send({ method: 'HEAD', key }, ['HTTP 404'])) === null;
  }

  return {
    async put(key, body, signal) {
      await send({ method: 'PUT', key, body, signal });
    },
    async startUpload(key, signal) {
      const { text } = await send({ method: 'POST', key, query: [['uploads', '']], signal });
      return { key, uploadId: elementText(text, 'UploadId') };
    },
    async uploadPart({ key, uploadId }, part, body, signal) {
      const query = [['partNumber', String(part)] as const, ['uploadId', uploadId] as const];
      const { headers } = await send({ method: 'PUT', key, query, body, signal });
      return headers.etag ?? '';
    },
    completeUpload,
    async abortUpload({ key, uploadId }) {
      await send({ method: 'DELETE', key, query: [['uploadId', uploadId]] }, [GONE, 'HTTP 404']);
    },
    async remove(key) {
      await send({ method: 'DELETE', key }, ['NoSuchKey']);
    },
    objects: (prefix) => listObjects(send, prefix),
    uploads: (prefix) => listUploads(send, prefix),
    async lastPartAt({ key, uploadId }) {
      const { text } = await send({ method: 'GET', key, query: [['uploadId', uploadId]] }, [GONE]);
      const times = elements(text, 'LastModified').map(Date.parse);
      return times.length > 0 ? new Date(Math.max(...times)) : null;
    },
    close: () => transport.close(),
  };
}

const GONE = 'NoSuchUpload';

type Send = (request: S3Request, expected?: readonly string[]) => Promise<S3Answer>;

async function* listObjects(send: Send, prefix: string) {
  for (let token: string | null = ''; token !== null; ) {
    const page: string = (
      await send({
        method: 'GET',
        key: '',
        query: [
          ['list-type', '2'],
          ['prefix', prefix],
          ...(token ? [['continuation-token', token] as const] : []),
        ],
      })
    ).text;
    for (const entry of elements(page, 'Contents')) {
      yield { key: elementText(entry, 'Key'), modifiedAt: new Date(elementText(entry, 'LastModified')) };
    }
    token =
      elementText(page, 'IsTruncated') === 'true' ? elementText(page, 'NextContinuationToken') || null : null;
  }
}

async function* listUploads(send: Send, prefix: string) {
  for (let marker: readonly (readonly [string, string])[] | null = []; marker !== null; ) {
    const query: readonly (readonly [string, string])[] = [['uploads', ''], ['prefix', prefix], ...marker];
    // some servers other than AWS have no such list
    const page: string = (await send({ method: 'GET', key: '', query }, ['NotImplemented'])).text;
    for (const entry of elements(page, 'Upload')) {
      yield {
        key: elementText(entry, 'Key'),
        uploadId: elementText(entry, 'UploadId'),
        startedAt: new Date(elementText(entry, 'Initiated')),
      };
    }
    marker = elementText(page, 'IsTruncated') === 'true' ? nextUploads(page) : null;
  }
}

function nextUploads(page: string): [string, string][] {
  return [
    ['key-marker', elementText(page, 'NextKeyMarker')],
    ['upload-id-marker', elementText(page, 'NextUploadIdMarker')],
  ];
}

interface Judged {
  answer: S3Answer;
  failure: S3Failure | null;
}

function judged(answer: S3Answer): Judged {
  return { answer, failure: failureOf(answer) };
}

function isJudged(outcome: unknown): outcome is Judged {
  return typeof outcome === 'object' && outcome !== null && 'answer' in outcome;
}

function delayMs({ firstDelayMs }: RetryOptions, tries: number): number {
  return Math.min(MAX_DELAY_MS, firstDelayMs * 2 ** (tries - 1)) * (0.5 + Math.random() / 2);
}
