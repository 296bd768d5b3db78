import { createHash } from 'node:crypto';
import { InvalidError } from '../errors.ts';

const PREFIX = 'ivory_tenant_';
const MAX_LENGTH = 63;
const NAME = /^[a-z_][a-z0-9_]{0,62}$/;
/** In the embedded lakehouse a namespace is a Postgres schema: these are taken. */
const RESERVED = /^(public|etl|lakehouse|audit|drizzle|bullmq|information_schema|pg_.*|etl_staging_.*)$/;

/** The namespace a tenant gets when none is named: `ivory_tenant_<slug>`, 63 characters at most. */
export function defaultNamespace(tenantId: string): string {
  const name = PREFIX + tenantId.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_');
  if (name.length <= MAX_LENGTH) return name;
  const digest = createHash('sha256').update(tenantId).digest('hex').slice(0, 8);
  return `${name.slice(0, MAX_LENGTH - 9)}_${digest}`;
}

/** Throws InvalidError `catalog.namespace_invalid`. */
export function assertNamespace(namespace: string): void {
  if (NAME.test(namespace) && !RESERVED.test(namespace)) return;
  const message = RESERVED.test(namespace)
    ? `The namespace "${namespace}" is Ivory's own; choose another.`
    : 'A namespace holds lower-case letters, digits and "_", 63 at most, and starts with no digit.';
  throw new InvalidError('catalog.namespace_invalid', message, { errors: [{ field: 'namespace', message }] });
}
