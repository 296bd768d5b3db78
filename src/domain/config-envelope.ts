import { InvalidError } from '../errors.ts';
import { decrypt, encrypt, keyIdOf } from './sealing.ts';

const PREFIX = 'ivory1';
const AAD = 'ivory tap config';

/** The envelope of `config_encrypted`: `ivory1.<key id>.<iv>.<ciphertext+tag>`, AES-256-GCM, made by the client. */
export function sealConfig(key: Buffer, config: Record<string, unknown>): string {
  return `${PREFIX}.${keyIdOf(key)}.${encrypt(key, JSON.stringify(config), AAD)}`;
}

/** Opens an envelope. Throws InvalidError: `config.envelope_malformed`, `config.wrong_key`, `secret.unreadable`, `config.not_an_object`. */
export function openConfig(key: Buffer, envelope: string): Record<string, unknown> {
  const [prefix, keyId, iv, body] = envelope.split('.');
  if (prefix !== PREFIX || !keyId || !iv || !body) {
    throw new InvalidError(
      'config.envelope_malformed',
      'config_encrypted is not an envelope of `ivory encrypt-config`.',
    );
  }
  if (keyId !== keyIdOf(key)) {
    throw new InvalidError(
      'config.wrong_key',
      `config_encrypted was sealed with key ${keyId}, not with this runner's IVORY_CONFIG_KEY.`,
    );
  }
  const config: unknown = JSON.parse(decrypt(key, `${iv}.${body}`, AAD));
  if (typeof config !== 'object' || config === null || Array.isArray(config)) {
    throw new InvalidError('config.not_an_object', 'The decrypted tap config is not a JSON object.');
  }
  return config as Record<string, unknown>;
}
