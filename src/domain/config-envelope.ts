import { InvalidError } from '../errors.ts';
import { decrypt, encrypt, keyIdOf } from './sealing.ts';

/** Whose config an envelope holds, as its sealer said: elsewhere it does not open. Nothing said: it opens for any connector. */
export interface ConfigBinding {
  tenantId?: string;
  connectorId?: string;
}

/** The connector that an envelope is opened for; at its creation a connector has no id yet. */
export interface ConfigPlace {
  tenantId: string;
  connectorId: string | null;
}

const UNBOUND = { prefix: 'ivory1', aad: 'ivory tap config' } as const;
const BOUND = { prefix: 'ivory2', aad: 'ivory bound tap config' } as const;
const VERSIONED = /^ivory\d+\./;
const PART = /^[A-Za-z0-9_+/-]+=*$/;

/**
 * The envelope of `config_encrypted`, made by the client: AES-256-GCM, parts in base64url.
 * `ivory1.<key id>.<iv>.<ciphertext+tag>`; with a binding `ivory2.<key id>.<binding>.<iv>.<ciphertext+tag>`, the binding (JSON, in the
 * clear) being authenticated with the config.
 */
export function sealConfig(
  key: Buffer,
  config: Record<string, unknown>,
  binding: ConfigBinding = {},
): string {
  const plain = JSON.stringify(config);
  const { tenantId, connectorId } = binding;
  if (tenantId === undefined && connectorId === undefined)
    return `${UNBOUND.prefix}.${keyIdOf(key)}.${encrypt(key, plain, UNBOUND.aad)}`;
  const bound = Buffer.from(JSON.stringify({ tenant: tenantId, connector: connectorId })).toString(
    'base64url',
  );
  return `${BOUND.prefix}.${keyIdOf(key)}.${bound}.${encrypt(key, plain, aadOf(bound))}`;
}

/**
 * Opens an envelope for a connector; null: wherever it belongs. Throws InvalidError: `config.envelope_malformed`, `config.envelope_version`, `config.wrong_key`,
 * `config.moved` (bound to another tenant or connector), `config.tampered`, `config.not_an_object`.
 */
export function openConfig(
  key: Buffer,
  envelope: string,
  place: ConfigPlace | null = null,
): Record<string, unknown> {
  const { keyId, binding, sealed } = partsOf(envelope);
  if (keyId !== keyIdOf(key)) {
    throw new InvalidError(
      'config.wrong_key',
      `config_encrypted was sealed with key ${keyId}, not with this runner's IVORY_CONFIG_KEY.`,
    );
  }
  const plain = decrypted(key, sealed, binding === null ? UNBOUND.aad : aadOf(binding));
  if (binding !== null && place !== null) assertPlace(readBinding(binding), place);
  const config = parsed(plain);
  if (typeof config === 'object' && config !== null && !Array.isArray(config))
    return config as Record<string, unknown>;
  throw new InvalidError('config.not_an_object', 'The decrypted tap config is not a JSON object.');
}

/**
 * What can be said of an envelope without its key, when it is handed in. A text that does not claim to be one of Ivory's is left to whoever
 * runs the connector. Throws InvalidError `config.envelope_malformed`, `config.envelope_version`, `config.moved`.
 */
export function assertEnvelopeFor(place: ConfigPlace, text: string): void {
  if (!VERSIONED.test(text)) return;
  const { binding } = partsOf(text);
  if (binding !== null) assertPlace(readBinding(binding), place);
}

interface Parts {
  keyId: string;
  /** As it stands in the envelope; null: it has none. */
  binding: string | null;
  sealed: string;
}

function partsOf(envelope: string): Parts {
  if (!VERSIONED.test(envelope)) throw malformed();
  const [prefix, keyId, ...rest] = envelope.split('.');
  const isBound = prefix === BOUND.prefix;
  if (!isBound && prefix !== UNBOUND.prefix)
    throw new InvalidError(
      'config.envelope_version',
      `config_encrypted is an envelope of version "${prefix}", which is not known here.`,
    );
  const [binding, iv, body, ...more] = isBound ? rest : [null, ...rest];
  const texts = [keyId, iv, body, ...(isBound ? [binding] : [])];
  if (more.length > 0 || !texts.every((text) => text && PART.test(text))) throw malformed();
  return { keyId: keyId ?? '', binding: binding ?? null, sealed: `${iv}.${body}` };
}

function malformed(): InvalidError {
  return new InvalidError(
    'config.envelope_malformed',
    'config_encrypted is not an envelope of `ivory encrypt-config`, or a part of one.',
  );
}

function decrypted(key: Buffer, sealed: string, aad: string): string {
  try {
    return decrypt(key, sealed, aad);
  } catch (cause) {
    throw new InvalidError(
      'config.tampered',
      'config_encrypted was changed or cut off after it was sealed; seal the config again.',
      { cause },
    );
  }
}

function readBinding(text: string): ConfigBinding {
  const said = parsed(Buffer.from(text, 'base64url').toString('utf8'));
  if (typeof said !== 'object' || said === null) throw malformed();
  const [tenantId, connectorId] = ['tenant', 'connector'].map((name) => Reflect.get(said, name) as unknown);
  return {
    ...(typeof tenantId === 'string' ? { tenantId } : {}),
    ...(typeof connectorId === 'string' ? { connectorId } : {}),
  };
}

function assertPlace(binding: ConfigBinding, place: ConfigPlace): void {
  const isHere =
    (binding.tenantId ?? place.tenantId) === place.tenantId &&
    (binding.connectorId ?? place.connectorId) === place.connectorId;
  if (!isHere)
    throw new InvalidError('config.moved', 'config_encrypted was sealed for another tenant or connector.');
}

function aadOf(binding: string): string {
  return `${BOUND.aad}\n${binding}`;
}

/** undefined: no JSON. The parser's own words would quote the config. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
