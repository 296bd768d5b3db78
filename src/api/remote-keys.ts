import {
  createRemoteJWKSet,
  customFetch,
  errors,
  type FetchImplementation,
  type JWTVerifyGetKey,
} from 'jose';
import { UnavailableError } from '../errors.ts';

const MAX_KEY_SET_BYTES = 1_048_576;
const LIMITS = {
  timeoutDuration: 5_000,
  /** Unknown key ids fetch the set again at most this often, however many come. */
  cooldownDuration: 30_000,
  /** A key taken out of the set stops counting after this time. */
  cacheMaxAge: 600_000,
};

/**
 * The keys of a JWKS url: fetched once for all who wait, cached, fetched again for a key id that is not there.
 * A key the set does not hold is the token's fault (jose's error); a set that cannot be read is ours: UnavailableError `auth.keys_unavailable`.
 */
export function createRemoteKeys(url: string): JWTVerifyGetKey {
  const keys = createRemoteJWKSet(new URL(url), { ...LIMITS, [customFetch]: fetchBounded });
  return (header, token) =>
    keys(header, token).catch((cause: unknown) => {
      if (cause instanceof errors.JWKSNoMatchingKey || cause instanceof errors.JWKSMultipleMatchingKeys)
        throw cause;
      if (cause instanceof errors.JOSENotSupported) throw cause;
      throw new UnavailableError('auth.keys_unavailable', 'The keys that check tokens cannot be fetched.', {
        cause,
      });
    });
}

/** A key server that never stops sending must not fill the memory. */
const fetchBounded: FetchImplementation = async (url, options) => {
  const response = await fetch(url, options);
  if (response.status !== 200 || response.body === null) {
    await response.body?.cancel();
    return response;
  }
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body) {
    bytes += chunk.length;
    if (bytes > MAX_KEY_SET_BYTES) throw new Error('The key set is larger than 1 MB.');
    chunks.push(chunk);
  }
  return new Response(Buffer.concat(chunks));
};
