import { parseArgs } from 'node:util';
import { signToken } from '../api/token.ts';
import { loadSettings, processEnvironment } from '../config.ts';
import { isTenantId } from '../domain/tenant.ts';
import { InvalidError } from '../errors.ts';

const OPTIONS = {
  tenant: { type: 'string' },
  scope: { type: 'string' },
  ttl: { type: 'string', default: '1h' },
  'data-dir': { type: 'string' },
} as const;

const TTL = /^([1-9]\d{0,8})([smhd])$/;
const SECONDS = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;

/** `ivory token`: signs an access token with JWT_SECRET and prints it, nothing else. */
export async function main(argv: string[]): Promise<number> {
  const { values } = parseArgs({ args: argv, options: OPTIONS });
  const { tenant, scope, ttl } = values;
  if (!tenant || !isTenantId(tenant)) {
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
  const token = await signToken(settings.JWT_SECRET, {
    tenantId: tenant,
    ttlS: secondsOf(ttl),
    scope,
    issuer: settings.JWT_ISSUER,
    audience: settings.JWT_AUDIENCE,
  });
  process.stdout.write(`${token}\n`);
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
