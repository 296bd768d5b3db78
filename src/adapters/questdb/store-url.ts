import { InvalidError } from '../../errors.ts';
import type { TenantScope } from '../../ports/query-store.ts';

const PLACE = /\{(tenant|namespace)\}/g;

export interface StoreUrls {
  isTemplate: boolean;
  /** The tenant is part of where the server is: every table there is that tenant's. */
  isServerPerTenant: boolean;
  urlOf(tenant: TenantScope): string;
}

/** `postgres://user:password@host:8812/qdb`, with {tenant} and {namespace} filled in for each tenant. Throws InvalidError `config.invalid`. */
export function parseStoreUrl(url: string): StoreUrls {
  const sample = url.replaceAll(PLACE, 'x');
  if (!URL.canParse(sample) || !/^postgres(ql)?:$/.test(new URL(sample).protocol))
    throw new InvalidError('config.invalid', 'QUESTDB_URL must be postgres://user:password@host:8812/qdb.');
  const place = url.replace(/^[^:]+:\/\/([^@/]*@)?/, '').replace(/[/?#].*$/s, '');
  return {
    isTemplate: url.search(PLACE) >= 0,
    isServerPerTenant: place.search(PLACE) >= 0,
    urlOf: ({ tenantId, namespaces: [namespace = ''] }) =>
      url.replaceAll(PLACE, (_, what) => encodeURIComponent(what === 'tenant' ? tenantId : namespace)),
  };
}
