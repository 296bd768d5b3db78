import { createHash } from 'node:crypto';

/**
 * The id of what one run writes from one stream to one table: the same on every retry, different for two streams that share a table.
 * The stream is always part of the name: a rule that named it only when several streams write would change when one of them has no rows.
 */
export function batchIdOf(
  runId: string,
  target: { namespace: string; table: string; stream: string },
): string {
  return uuidV5(runId, JSON.stringify([target.namespace, target.table, target.stream]));
}

/** Name-based UUID with SHA-1 (RFC 9562, section 5.5). */
export function uuidV5(namespace: string, name: string): string {
  const space = Buffer.from(namespace.replaceAll('-', ''), 'hex');
  const hash = createHash('sha1').update(space).update(name, 'utf8').digest().subarray(0, 16);
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x50, 6);
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8);
  return hash.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
