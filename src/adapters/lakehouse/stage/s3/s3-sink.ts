import type { PartSink } from '../part-store.ts';
import type { S3Client, S3Upload } from './s3-client.ts';

/** At least 5 MiB, as S3 wants all but the last; at most 10,000 of them, which is far more than a part of a stage. */
const UPLOAD_BYTES = 8 * 1024 * 1024;

/**
 * The bytes of one object. What is small goes in one request, else a piece is on its way while the next is gathered. The object appears with
 * close() or not at all.
 */
export function createS3Sink(client: S3Client, key: string): PartSink {
  const cancel = new AbortController();
  const { signal } = cancel;
  const etags: string[] = [];
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  let upload: S3Upload | null = null;
  let underWay: Promise<void> = Promise.resolve();

  async function sendPiece() {
    const body = Buffer.concat(waiting, waitingBytes);
    waiting = [];
    waitingBytes = 0;
    await underWay;
    upload ??= await client.startUpload(key, signal);
    underWay = sendPart(upload, body);
    // thrown where it is waited for
    underWay.catch(() => {});
  }

  async function sendPart(into: S3Upload, body: Buffer) {
    etags.push(await client.uploadPart(into, etags.length + 1, body, signal));
  }

  return {
    async write(bytes) {
      waiting.push(bytes);
      waitingBytes += bytes.length;
      if (waitingBytes >= UPLOAD_BYTES) await sendPiece();
    },
    async close() {
      if (!upload) return client.put(key, Buffer.concat(waiting, waitingBytes), signal);
      if (waitingBytes > 0) await sendPiece();
      await underWay;
      await client.completeUpload(upload, etags, signal);
      upload = null;
    },
    async abort() {
      cancel.abort();
      waiting = [];
      await underWay.catch(() => {});
      if (upload) await client.abortUpload(upload);
      upload = null;
    },
  };
}
