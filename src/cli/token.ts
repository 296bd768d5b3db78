import { parseArgs } from 'node:util';
import { SignJWT } from 'jose';
import { loadSettings, processEnvironment } from '../config.ts';
import { InvalidError } from '../errors.ts';

const OPTIONS = {
  tenant: { type: 'string' },
  scope: { type: 'string' },
  ttl: { type: 'string', default: '1h' },
  'data-dir': { type: 'string' },
} as const;

const TENANT_ID = /^[A-Za-z0-9._@|-]{1,128}$/;
const TTL = /^([1-9]\d{0,8})([smhd])$/;
const SECONDS = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;

/** `ivory token`: signs an access token with JWT_SECRET and prints it, nothing else. */
export async function main(argv: string[]): Promise<number> {
  const { values } = parseArgs({ args: argv, options: OPTIONS });
  const { tenant, scope, ttl } = values;
  if (!tenant || !TENANT_ID.test(tenant)) {
    throw new InvalidError(
      'token.tenant_invalid',
      'Name the tenant with --tenant: letters, digits and . _ @ | -',
    );
  }
  const settings = loadSettings(
    (all) => all.pick({ JWT_SECRET: true, JWT_ISSUER: true, JWT_AUDIENCE: true }),
    processEnvironment(),
    values['data-dir'],
  );
  if (!settings.JWT_SECRET) {
    throw new InvalidError(
      'token.no_secret',
      'JWT_SECRET is not set; --data-dir uses that of an `ivory dev` folder.',
    );
  }
  const token = new SignJWT(scope === undefined ? {} : { scope })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setSubject(tenant)
    .setIssuedAt()
    .setExpirationTime(new Date(Date.now() + secondsOf(ttl) * 1_000));
  if (settings.JWT_ISSUER) token.setIssuer(settings.JWT_ISSUER);
  if (settings.JWT_AUDIENCE) token.setAudience(settings.JWT_AUDIENCE);
  process.stdout.write(`${await token.sign(new TextEncoder().encode(settings.JWT_SECRET))}\n`);
  return 0;
}

function secondsOf(ttl: string): number {
  const [, count = '', unit = ''] = TTL.exec(ttl) ?? [];
  if (unit === 's' || unit === 'm' || unit === 'h' || unit === 'd') return Number(count) * SECONDS[unit];
  throw new InvalidError(
    'token.ttl_invalid',
    '--ttl is a number with s, m, h or d after it: 90s, 15m, 1h, 30d.',
  );
}
