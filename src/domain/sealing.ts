import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { InvalidError } from '../errors.ts';

/** Where a sealed value belongs. A ciphertext moved to another place does not open. */
export interface SealPlace {
  tenantId: string;
  connectorId: string;
  field: string;
}

/** Seals small secrets with AES-256-GCM under a master key. Format: `v1.<key id>.<iv>.<ciphertext+tag>`, base64url. */
export interface Sealer {
  seal(plain: string, place: SealPlace): string;
  /** Throws InvalidError `secret.unreadable` for a wrong key, a changed text or another place. */
  open(sealed: string, place: SealPlace): string;
}

const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Seals with the first key and opens with any: to rotate, put a new key first and keep the old one until nothing is sealed with it. */
export function createSealer(masterKey: Buffer, oldKeys: readonly Buffer[] = []): Sealer {
  const keyId = keyIdOf(masterKey);
  const keys = new Map([masterKey, ...oldKeys].map((key) => [keyIdOf(key), key]));
  return {
    seal: (plain, place) => `v1.${keyId}.${encrypt(masterKey, plain, additionalData(place))}`,
    open(sealed, place) {
      const [version, id = '', iv, body] = sealed.split('.');
      const key = keys.get(id);
      if (version !== 'v1' || !key || !iv || !body) throw unreadable();
      return decrypt(key, `${iv}.${body}`, additionalData(place));
    },
  };
}

/** First 8 hex digits of the key's SHA-256: names a key without telling it. */
export function keyIdOf(key: Buffer): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 8);
}

/** AES-256-GCM; returns `<iv>.<ciphertext+tag>` in base64url. */
export function encrypt(key: Buffer, plain: string, aad: string): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  cipher.setAAD(Buffer.from(aad));
  const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return `${iv.toString('base64url')}.${body.toString('base64url')}`;
}

/** The reverse of encrypt. Throws InvalidError `secret.unreadable`. */
export function decrypt(key: Buffer, text: string, aad: string): string {
  const [iv = '', body = ''] = text.split('.');
  const bytes = Buffer.from(body, 'base64url');
  if (bytes.length < TAG_BYTES || !isWhole(body, bytes)) throw unreadable();
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(iv, 'base64url'));
    decipher.setAAD(Buffer.from(aad));
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(bytes.subarray(0, -TAG_BYTES)), decipher.final()]).toString('utf8');
  } catch (cause) {
    throw unreadable(cause);
  }
}

/** The decoder passes over what is no base64, and over spare bits of the last character: a text with those is a changed one. */
function isWhole(text: string, bytes: Buffer): boolean {
  const plain = text.replace(/=+$/, '').replaceAll('+', '-').replaceAll('/', '_');
  return bytes.toString('base64url') === plain;
}

function additionalData(place: SealPlace): string {
  return JSON.stringify([place.tenantId, place.connectorId, place.field]);
}

function unreadable(cause?: unknown): InvalidError {
  return new InvalidError(
    'secret.unreadable',
    'A sealed value does not open: wrong key, changed text, or moved from another place.',
    { cause },
  );
}
