import type { PartStore } from '../part-store.ts';
import { isAttemptName, isPartName } from '../stage-paths.ts';
import type { S3Client } from './s3-client.ts';
import { createS3Sink } from './s3-sink.ts';

/** Parts in a bucket, their keys beginning with `prefix`, which is '' or ends in a slash. */
export function createS3Store(client: S3Client, bucket: string, prefix: string): PartStore {
  return {
    create: async (path) => createS3Sink(client, prefix + path),
    urlOf: (path) => `s3a://${bucket}/${prefix}${path}`,
    removeAttempt: (attempt) => removeAttempt(client, prefix + attempt),
    sweep: (before) => sweep(client, prefix, before),
    close: async () => client.close(),
  };
}

/** Uploads too: one whose beginning was not answered is known to nobody. */
async function removeAttempt(client: S3Client, attempt: string): Promise<void> {
  for await (const upload of client.uploads(`${attempt}/`)) await client.abortUpload(upload);
  for await (const { key } of client.objects(`${attempt}/`)) await client.remove(key);
}

async function sweep(client: S3Client, prefix: string, before: Date): Promise<number> {
  const isOld = new Map<string, boolean>();
  const note = (attempt: string, old: boolean) => isOld.set(attempt, old && (isOld.get(attempt) ?? true));
  for await (const { key, modifiedAt } of client.objects(prefix)) {
    const attempt = attemptOf(key, prefix);
    if (attempt) note(attempt, modifiedAt < before);
  }
  for await (const upload of client.uploads(prefix)) {
    const attempt = attemptOf(upload.key, prefix);
    if (!attempt || isOld.get(attempt) === false) continue;
    const lastAt = upload.startedAt < before ? await client.lastPartAt(upload) : upload.startedAt;
    note(attempt, (lastAt ?? upload.startedAt) < before);
  }
  const abandoned = [...isOld].flatMap(([attempt, old]) => (old ? [attempt] : []));
  for (const attempt of abandoned) await removeAttempt(client, attempt);
  return abandoned.length;
}

/** null: not a key this module makes. */
function attemptOf(key: string, prefix: string): string | null {
  const [tenant, batch, attempt = '', part = '', ...more] = key.slice(prefix.length).split('/');
  const isOurs = more.length === 0 && isAttemptName(attempt) && isPartName(part);
  return isOurs ? `${prefix}${tenant}/${batch}/${attempt}` : null;
}
