import { errors, type JWTPayload, type JWTVerifyOptions, jwtVerify, SignJWT } from 'jose';
import { isTenantId } from '../domain/tenant.ts';
import { AppError, UnauthenticatedError } from '../errors.ts';
import { createRemoteKeys } from './remote-keys.ts';

export interface AuthOptions {
  /** HS256. Not used where jwksUrl is set. */
  jwtSecret: string | null;
  jwksUrl: string | null;
  issuer: string | null;
  audience: string | null;
}

export interface Identity {
  tenantId: string;
  /** null: the token carries no scope and may do everything. */
  scopes: readonly string[] | null;
}

export type VerifyToken = (token: string) => Promise<Identity>;

const CLOCK_SKEW_S = 60;
const MAX_TOKEN_LENGTH = 8_192;
const ASYMMETRIC = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];

/**
 * Makes the check of bearer tokens. The kind of key decides which algorithms count, never the token.
 * Errors: UnauthenticatedError `auth.token_invalid`, `auth.token_expired`; UnavailableError `auth.keys_unavailable`.
 */
export function createTokenVerifier(auth: AuthOptions): VerifyToken {
  const verify = verifierOf(auth);
  return async (token) => {
    if (token.length > MAX_TOKEN_LENGTH) throw invalid('The token is too long.');
    return identityOf(await verify(token).catch(refuse));
  };
}

export interface TokenGrant {
  tenantId: string;
  ttlS: number;
  /** Absent: everything. `read`: reading only. */
  scope?: string;
  issuer?: string;
  audience?: string;
}

/** Signs a token that the verifier with the same secret accepts. */
export async function signToken(secret: string, grant: TokenGrant): Promise<string> {
  const token = new SignJWT(grant.scope === undefined ? {} : { scope: grant.scope })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setSubject(grant.tenantId)
    .setIssuedAt()
    .setExpirationTime(`${grant.ttlS}s`);
  if (grant.issuer) token.setIssuer(grant.issuer);
  if (grant.audience) token.setAudience(grant.audience);
  return token.sign(new TextEncoder().encode(secret));
}

function verifierOf(auth: AuthOptions): (token: string) => Promise<JWTPayload> {
  const options: JWTVerifyOptions = {
    clockTolerance: CLOCK_SKEW_S,
    requiredClaims: ['exp', 'sub'],
    ...(auth.issuer ? { issuer: auth.issuer } : {}),
    ...(auth.audience ? { audience: auth.audience } : {}),
  };
  if (auth.jwksUrl) {
    const keys = createRemoteKeys(auth.jwksUrl);
    return async (token) => (await jwtVerify(token, keys, { ...options, algorithms: ASYMMETRIC })).payload;
  }
  if (auth.jwtSecret) {
    const key = new TextEncoder().encode(auth.jwtSecret);
    return async (token) => (await jwtVerify(token, key, { ...options, algorithms: ['HS256'] })).payload;
  }
  return async () => {
    throw invalid('This installation takes no tokens: neither JWT_SECRET nor JWKS_URL is set.');
  };
}

/** A token of the future comes from a clock that cannot be trusted. */
function assertIssued({ iat }: JWTPayload): void {
  if (iat !== undefined && iat > Date.now() / 1000 + CLOCK_SKEW_S)
    throw invalid('The token says it was issued in the future.');
}

function identityOf(payload: JWTPayload): Identity {
  assertIssued(payload);
  const { sub, scope } = payload;
  if (typeof sub !== 'string' || !isTenantId(sub)) throw invalid('The token names no tenant in "sub".');
  if (scope === undefined) return { tenantId: sub, scopes: null };
  if (typeof scope !== 'string') throw invalid('The "scope" of the token is not a text.');
  return { tenantId: sub, scopes: scope.split(' ').filter((word) => word !== '') };
}

function refuse(cause: unknown): never {
  if (cause instanceof AppError) throw cause;
  if (cause instanceof errors.JWTExpired) {
    throw new UnauthenticatedError('auth.token_expired', 'The token has expired.', { cause });
  }
  throw invalid('The token is not valid.', cause);
}

function invalid(message: string, cause?: unknown): UnauthenticatedError {
  return new UnauthenticatedError('auth.token_invalid', message, { cause });
}
