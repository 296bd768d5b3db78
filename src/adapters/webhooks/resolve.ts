import type { LookupAddress } from 'node:dns';
import { lookup, Resolver } from 'node:dns/promises';

/** Every address of a name; none: it has no address, or nobody says. */
export type Resolve = (host: string) => Promise<LookupAddress[]>;

const TIMEOUT_MS = 2_000;
const TRIES = 2;

/**
 * Asks the name servers alone: neither a hosts file nor search domains, by which a short name would be one of our own network. Not on the
 * few threads that files and other lookups need: a stranger's name server may be as slow as it likes.
 */
export function createPublicResolve(): Resolve {
  const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: TRIES });
  return async (host) => {
    const [v4, v6] = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
    return [
      ...(v4.status === 'fulfilled' ? v4.value.map((address) => ({ address, family: 4 })) : []),
      ...(v6.status === 'fulfilled' ? v6.value.map((address) => ({ address, family: 6 })) : []),
    ];
  };
}

/** As every program of this machine does: for developers, whose names are in a hosts file. */
export const resolveLocally: Resolve = (host) => lookup(host, { all: true }).catch(() => []);
