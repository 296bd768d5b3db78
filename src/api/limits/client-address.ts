import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
import { InvalidError } from '../../errors.ts';

/** Who is at the other end of a connection, as far as it can be believed. */
export interface ClientAddresses {
  /** What failures are counted under: an IPv4 address, or the /64 network of an IPv6 address. null: not known. */
  of(incoming: Pick<IncomingMessage, 'socket' | 'headers'>): string | null;
  /** Whether a trusted proxy says that its own client came over TLS. */
  isSecure(incoming: Pick<IncomingMessage, 'socket' | 'headers'>): boolean;
  isTrusted(address: string | undefined): boolean;
}

const MAX_HOPS = 20;

/**
 * Believes X-Forwarded-For and -Proto of the proxies named, networks as CIDR or single addresses, and of nobody else: from the right, the first
 * hop that is no such proxy is the client. Throws InvalidError `config.invalid`.
 */
export function createClientAddresses(trustedProxies: readonly string[]): ClientAddresses {
  const trusted = blockListOf(trustedProxies);
  const isTrusted = (address: string | undefined) => {
    const plain = plainAddress(address ?? '');
    return trusted !== null && plain !== null && trusted.check(plain, familyOf(plain));
  };

  function clientOf({ socket, headers }: Pick<IncomingMessage, 'socket' | 'headers'>): string | null {
    let client = plainAddress(socket?.remoteAddress ?? '');
    if (!isTrusted(client ?? undefined)) return client;
    const forwarded = headers['x-forwarded-for'];
    const hops = (Array.isArray(forwarded) ? forwarded.join(',') : (forwarded ?? '')).split(',');
    for (const hop of hops.slice(-MAX_HOPS).reverse()) {
      const address = plainAddress(hop.trim());
      if (address === null) return client;
      client = address;
      if (!isTrusted(address)) return client;
    }
    return client;
  }

  return {
    of(incoming) {
      const client = clientOf(incoming);
      return client === null ? null : networkOf(client);
    },
    isSecure({ socket, headers }) {
      if (trusted === null || !isTrusted(socket?.remoteAddress)) return false;
      return (
        String(headers['x-forwarded-proto'] ?? '')
          .split(',')
          .at(-1)
          ?.trim()
          .toLowerCase() === 'https'
      );
    },
    isTrusted,
  };
}

function blockListOf(networks: readonly string[]): BlockList | null {
  if (networks.length === 0) return null;
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    const family = isIP(address);
    const prefix = bits === undefined ? (family === 6 ? 128 : 32) : Number(bits);
    if (family === 0 || !/^\d{1,3}$/.test(bits ?? '0') || prefix > (family === 6 ? 128 : 32)) {
      const message = `TRUSTED_PROXIES: "${network}" is neither an address nor a network like 10.0.0.0/8.`;
      throw new InvalidError('config.invalid', message);
    }
    list.addSubnet(address, prefix, familyOf(address));
  }
  return list;
}

/** "10.0.0.1", "10.0.0.1:4711", "[fd00::1]:4711", "::ffff:10.0.0.1" and "fe80::1%eth0" without what is around the address; null: none. */
function plainAddress(text: string): string | null {
  const bare = /^\[([^\]]*)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text;
  const address = bare.split('%')[0]?.replace(/^::ffff:(?=\d+\.)/i, '') ?? '';
  return isIP(address) === 0 ? null : address;
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}

/** Who has one IPv6 address has the other 2^64 of its network. */
function networkOf(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = '', tail] = address.toLowerCase().split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail ? tail.split(':') : [];
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length;
  const groups = [...left, ...Array.from({ length: Math.max(0, zeros) }, () => '0'), ...right];
  const network = groups.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${network.join(':')}::/64`;
}
