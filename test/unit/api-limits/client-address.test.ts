import type { IncomingMessage } from 'node:http';
import { describe, expect, test } from 'vitest';
import { createClientAddresses } from '../../../src/api/limits/client-address.ts';
import { InvalidError } from '../../../src/errors.ts';

function from(remoteAddress: string, headers: Record<string, string> = {}) {
  return { socket: { remoteAddress }, headers } as unknown as IncomingMessage;
}

const PROXIES = ['10.0.0.0/8', '192.0.2.7', 'fd00::/8'];
const { of, isSecure } = createClientAddresses(PROXIES);
const forwarded = (text: string) => ({ 'x-forwarded-for': text });

describe('the address of a client', () => {
  test.each([
    ['198.51.100.1', '', '198.51.100.1'],
    ['::ffff:198.51.100.1', '', '198.51.100.1'],
    ['2001:db8:1:2:3:4:5:6', '', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::9', '', '2001:db8:1:2::/64'],
    ['2001:db8::9', '', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', '', 'fe80:0:0:0::/64'],
    // nobody else's word counts
    ['198.51.100.1', '203.0.113.9', '198.51.100.1'],
    ['10.1.2.3', '203.0.113.9', '203.0.113.9'],
    ['::ffff:10.1.2.3', '203.0.113.9', '203.0.113.9'],
    ['fd00::1', '203.0.113.9', '203.0.113.9'],
    ['192.0.2.7', '203.0.113.9', '203.0.113.9'],
    ['192.0.2.8', '203.0.113.9', '192.0.2.8'],
    // from the right, past our own proxies, to the first that is none
    ['10.1.2.3', '1.1.1.1, 203.0.113.9, 10.9.9.9', '203.0.113.9'],
    ['10.1.2.3', '203.0.113.9:4711', '203.0.113.9'],
    ['10.1.2.3', '[2001:db8:1:2::9]:4711', '2001:db8:1:2::/64'],
    ['10.1.2.3', '10.4.4.4', '10.4.4.4'],
    ['10.1.2.3', '', '10.1.2.3'],
    // what is no address ends the chain at who said it
    ['10.1.2.3', '203.0.113.9, unknown', '10.1.2.3'],
    ['10.1.2.3', '203.0.113.9, 10.0.0.5, <script>', '10.1.2.3'],
  ])('%s with "%s" is %s', (socket, header, client) => {
    expect(of(from(socket, header === '' ? {} : forwarded(header)))).toBe(client);
  });

  test('is looked for among the last hops only, however many are sent', () => {
    expect(of(from('10.0.0.1', forwarded(`203.0.113.9${', 10.0.0.2'.repeat(5_000)}`)))).toBe('10.0.0.2');
  });

  test('is not known where there is no socket', () => {
    expect(of({ socket: {}, headers: {} } as unknown as IncomingMessage)).toBeNull();
  });
});

describe('TLS', () => {
  test.each([
    ['10.0.0.1', 'https', true],
    ['10.0.0.1', 'http, HTTPS', true],
    ['10.0.0.1', 'https, http', false],
    ['10.0.0.1', 'http', false],
    ['198.51.100.1', 'https', false],
  ])('of %s saying "%s": %s', (socket, proto, secure) => {
    expect(isSecure(from(socket, { 'x-forwarded-proto': proto }))).toBe(secure);
  });
});

test.each(['10.0.0.0/33', '10.0.0.0/x', 'proxy.internal', '10.0.0', 'fd00::/129', '/8', ''])(
  'a proxy that is no address or network is refused: "%s"',
  (network) => {
    expect(() => createClientAddresses([network])).toThrow(InvalidError);
  },
);
