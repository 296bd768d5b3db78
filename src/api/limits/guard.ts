import type { Log } from '../../log.ts';
import type { SharedRates } from '../../ports/rates.ts';
import { API_LIMITS, type ApiLimits } from './api-limits.ts';
import { type ClientAddresses, createClientAddresses } from './client-address.ts';
import { createRates, type Rates } from './rates.ts';
import { settleRates } from './settle-rates.ts';

/** What an API process counts of its callers. */
export interface Guard {
  limits: ApiLimits;
  tenants: Rates;
  addresses: Rates;
  clients: ClientAddresses;
}

/** Counts nothing yet; shares nothing until `settleGuard`. */
export function createGuard(limits: ApiLimits = API_LIMITS): Guard {
  return {
    limits,
    tenants: createRates({ name: 'tenant', perMin: limits.tenantRequestsPerMin }),
    addresses: createRates({ name: 'address', perMin: limits.addressFailuresPerMin }),
    clients: createClientAddresses(limits.trustedProxies),
  };
}

/** Counts together with the other processes until it is closed. */
export function settleGuard({ tenants, addresses }: Guard, shared: SharedRates, log: Log) {
  return settleRates([tenants, addresses], shared, { log });
}
