import { describe, expect, test } from 'vitest';
import { excerptOf } from '../../../src/adapters/webhooks/excerpt.ts';
import { isPublicAddress } from '../../../src/adapters/webhooks/public-address.ts';
import { notificationUrl } from '../../../src/adapters/webhooks/url.ts';
import { AppError } from '../../../src/errors.ts';

const REFUSED = [
  '0.0.0.0',
  '10.1.2.3',
  '100.64.0.1',
  '100.100.100.200',
  '127.0.0.1',
  '127.255.255.254',
  '168.63.129.16',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.192',
  '192.168.0.1',
  '198.18.0.1',
  '203.0.113.9',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '::127.0.0.1',
  '64:ff9b::7f00:1',
  '64:ff9b:1::a00:1',
  '100::1',
  '2001::1',
  '2001:db8::1',
  '2002:7f00:1::',
  'fc00::1',
  'fd00:ec2::254',
  'fe80::1',
  'fe80::1%eth0',
  'fec0::1',
  'ff02::1',
  'localhost',
  '',
];

test.each(REFUSED)('%j is no address notifications are sent to', (address) => {
  expect(isPublicAddress(address)).toBe(false);
});

test.each(['1.1.1.1', '100.63.255.255', '172.32.0.1', '193.0.0.1', '2606:4700::1111', '2a00:1450::1'])(
  '%s is one',
  (address) => expect(isPublicAddress(address)).toBe(true),
);

function codeOf(url: string, allowPrivate = false): string | null {
  try {
    notificationUrl(url, { allowPrivate });
    return null;
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
}

describe('a url', () => {
  test.each([
    'https://127.0.0.1/',
    'https://127.1/',
    'https://2130706433/',
    'https://0x7f000001/',
    'https://0x7f.0.0.1:8443/',
    'https://0177.0.0.1/',
    'https://127.0.0.1./',
    'https://%31%32%37.0.0.1/',
    'https://１２７.0.0.1/',
    'https://[::1]/',
    'https://[::ffff:10.0.0.1]/',
    'https://[64:ff9b::10.0.0.1]/',
    'https://169.254.169.254/latest/meta-data',
    'https://localhost/',
    'https://LOCALHOST./',
    'https://api.localhost/',
    'https://postgres:5432/',
    'https://metadata.google.internal/',
    'https://printer.local/',
    'https://router.home.arpa./',
    'https://api.default.svc/',
    'https://api.default.svc.cluster.local/',
  ])('%s is at an address of our own network', (url) => {
    expect(codeOf(url)).toBe('notification.address_not_allowed');
  });

  test.each([
    'http://hooks.example.com/',
    'ftp://hooks.example.com/',
    'https://user@hooks.example.com/',
    'https://user:secret@hooks.example.com/',
    'https://hooks.example.com/#part',
    'https://hooks.example.com:22/',
    'https://hooks.example.com:80/',
    '/hooks',
    'https://',
    `https://hooks.example.com/${'x'.repeat(2_048)}`,
  ])('%s is none a notification goes to', (url) => {
    expect(codeOf(url)).toBe('notification.url_invalid');
  });

  test.each([
    'https://hooks.example.com',
    'https://hooks.example.com:443/a?b=c',
    'https://hooks.example.com:8443/',
    'https://internal.example.com/',
    'https://1.1.1.1/',
    'https://[2606:4700::1111]/',
  ])('%s is one', (url) => expect(codeOf(url)).toBeNull());

  test('may be plain http, and anywhere, where the installation allows it', () => {
    expect(codeOf('http://127.0.0.1:80/', true)).toBeNull();
    expect(codeOf('http://a:b@127.0.0.1/', true)).toBe('notification.url_invalid');
    expect(codeOf('file:///etc/passwd', true)).toBe('notification.url_invalid');
  });
});

test('an excerpt holds no control characters, no NUL and no half of a character', () => {
  const bytes = Buffer.from('ok\u0000\u001b[31m\u009b red\n\u2028é').subarray(0, -1);
  expect(excerptOf(bytes)).toBe('ok  [31m  red\n ');
});
