import { randomUUID } from 'node:crypto';
import { isAbsolute } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InvalidError } from '../../../errors.ts';
import type { LakeColumn } from '../../../ports/lakehouse.ts';
import { createFolderStore } from './folder-store.ts';
import type { PartStore } from './part-store.ts';
import { createS3Client } from './s3/s3-client.ts';
import { type S3Options, s3Endpoint } from './s3/s3-endpoint.ts';
import { createS3Store } from './s3/s3-store.ts';
import { createS3Transport } from './s3/s3-transport.ts';
import { attemptPath } from './stage-paths.ts';
import { createStageWriter, type PartLimits, type StageWriter } from './stage-writer.ts';

export type { StageWriter } from './stage-writer.ts';

/**
 * Where rows wait in Parquet files until Spark takes them all in one statement. Columns are named c0, c1, .. and come back in Spark as:
 * int INT, long BIGINT, double DOUBLE, decimal(p,s) DECIMAL(p,s), boolean BOOLEAN, binary BINARY, date DATE, timestamptz TIMESTAMP,
 * timestamp TIMESTAMP_NTZ, and string, uuid and json STRING.
 *
 * A session that reads them needs `spark.sql.parquet.inferTimestampNTZ.enabled=true` (the default) or gets a timestamp without zone as
 * TIMESTAMP. Days before 1582 need no setting: the files say that they are written in today's calendar.
 *
 * Errors besides those of values: UnavailableError `lakehouse.stage_unavailable` and `lakehouse.stage_full`, InvalidError
 * `lakehouse.stage_refused`.
 */
export interface Stage {
  /** A place of its own for one try to load one batch: `<tenant>/<batch>/<try>`. Nothing is written before the first row. */
  open(columns: readonly LakeColumn[], key: { tenantId: string; batchId: string }): Promise<StageWriter>;
  /** Removes what crashed workers left: tries of which nothing was written for so long. Answers how many. */
  sweep(olderThanMs: number): Promise<number>;
  close(): Promise<void>;
}

export interface StageOptions {
  /** Needed for s3://. */
  s3?: S3Options | undefined;
  limits?: Partial<PartLimits>;
  now?: () => Date;
}

const LIMITS: PartLimits = { rows: 1_000_000, sizeBytes: 128 * 1024 * 1024 };

/** `file:///folder`, which must exist, or `s3://bucket/prefix`. Throws InvalidError `lakehouse.stage_url_invalid`. */
export function createStage(stageUrl: string, options: StageOptions = {}): Stage {
  const store = storeOf(stageUrl, options.s3);
  const limits = { ...LIMITS, ...options.limits };
  const now = options.now ?? (() => new Date());
  return {
    open: async (columns, key) => createStageWriter(store, attemptPath(key, randomUUID()), columns, limits),
    sweep: (olderThanMs) => store.sweep(new Date(now().getTime() - olderThanMs)),
    close: () => store.close(),
  };
}

function storeOf(stageUrl: string, s3: S3Options | undefined): PartStore {
  const url = URL.parse(stageUrl);
  if (url?.protocol === 'file:') return createFolderStore(folderOf(url));
  if (url?.protocol === 's3:') return bucketStore(url, s3);
  throw urlInvalid('it must be file:///folder or s3://bucket/prefix');
}

/** Hadoop reads these in a path as a pattern. */
const PATTERN = /[*?[\]{}\\\0]/;

function folderOf(url: URL): string {
  if (url.host !== '' && url.host !== 'localhost') throw urlInvalid('a file url names no host');
  const folder = fileURLToPath(`file://${url.pathname}`);
  if (!isAbsolute(folder) || PATTERN.test(folder)) throw urlInvalid('Spark cannot read such a path');
  return folder;
}

const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

function bucketStore(url: URL, s3: S3Options | undefined): PartStore {
  const bucket = url.host;
  const path = decodeURIComponent(url.pathname).replace(/^\/+|\/+$/g, '');
  if (!BUCKET.test(bucket) || url.username !== '' || PATTERN.test(path))
    throw urlInvalid('it must be s3://bucket/prefix');
  if (!s3) throw urlInvalid('s3:// needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY');
  const client = createS3Client(createS3Transport(s3Endpoint(bucket, s3)));
  return createS3Store(client, bucket, path === '' ? '' : `${path}/`);
}

function urlInvalid(why: string): InvalidError {
  return new InvalidError('lakehouse.stage_url_invalid', `LAKEHOUSE_STAGE_URL cannot be used: ${why}.`);
}
