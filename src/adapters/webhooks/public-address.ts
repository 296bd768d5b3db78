import { BlockList, isIP } from 'node:net';

/** What is no public host: private, loopback, link-local, carriers' NAT, documentation, benchmarks, multicast, reserved, cloud metadata. */
const REFUSED_V4 = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  // a cloud's own services answer here, to every machine in it
  ['168.63.129.16', 32],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const;

/** Global unicast. Everything else (::1, fe80::, fc00::, ff00::, ::ffff:0:0, 64:ff9b::) is local, a group, or an IPv4 address in disguise. */
const PUBLIC_V6 = ['2000::', 3] as const;

/** Within it: protocol assignments with Teredo, documentation, 6to4. */
const REFUSED_V6 = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const;

const publicV6 = listOf([PUBLIC_V6], 'ipv6');
const refusedV6 = listOf(REFUSED_V6, 'ipv6');
const refusedV4 = listOf(REFUSED_V4, 'ipv4');

/** Whether a notification may be sent to this address (textual, of either family): only to hosts of the public internet. */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !refusedV4.check(address, 'ipv4');
    case 6:
      return publicV6.check(address, 'ipv6') && !refusedV6.check(address, 'ipv6');
    default:
      return false;
  }
}

function listOf(subnets: readonly (readonly [string, number])[], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  for (const [net, prefix] of subnets) list.addSubnet(net, prefix, family);
  return list;
}
