import { createHash } from 'node:crypto';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const PART = /^part-\d{4,}\.parquet$/;

/**
 * The folder of one try to stage one batch: `<tenant>/<batch>/<attempt>`. Only a-z, 0-9 and "-", none of which means anything to a file system,
 * to S3 or to Hadoop's patterns; two ids never share a folder, also where names are compared without case.
 */
export function attemptPath(key: { tenantId: string; batchId: string }, attemptId: string): string {
  return [key.tenantId, key.batchId, attemptId].map(pathSegment).join('/');
}

export function partPath(attempt: string, n: number): string {
  return `${attempt}/part-${String(n).padStart(4, '0')}.parquet`;
}

export function isAttemptName(name: string): boolean {
  return UUID.test(name);
}

export function isPartName(name: string): boolean {
  return PART.test(name);
}

/** A UUID stays as it is. Anything else is told apart by its hash, and readable by what is harmless of it. */
function pathSegment(id: string): string {
  if (UUID.test(id)) return id;
  const readable = id
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 24);
  // in UTF-8 half characters would all be the same one
  const hash = createHash('sha256').update(Buffer.from(id, 'utf16le')).digest('hex').slice(0, 32);
  return `${readable.replace(/^-+|-+$/g, '') || 'id'}-${hash}`;
}
