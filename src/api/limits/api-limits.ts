/** What callers may ask of one installation, and of one process of it. */
export interface ApiLimits {
  /** Of one tenant, over all processes that share rates. */
  tenantRequestsPerMin: number;
  /** Requests of one tenant under way at once in this process. */
  tenantMaxConcurrent: number;
  /** Failed log-ins and badly signed webhooks of one address. */
  addressFailuresPerMin: number;
  /** Whose X-Forwarded-* headers are believed: addresses and CIDR networks. */
  trustedProxies: readonly string[];
}

export const API_LIMITS: ApiLimits = {
  tenantRequestsPerMin: 120_000,
  tenantMaxConcurrent: 500,
  addressFailuresPerMin: 300,
  trustedProxies: [],
};
