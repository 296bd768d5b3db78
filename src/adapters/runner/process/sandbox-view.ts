import { existsSync, lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/** What a program in the sandbox sees beside the system. */
export interface SandboxView {
  cwd: string;
  readable: readonly string[];
  writable: readonly string[];
}

const TREES = ['/usr', '/nix/store', '/gnu/store'];
/** Links into /usr where a system is new enough. */
const FOLDERS = ['/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32'];
/** What it takes to resolve names, to check certificates, to load libraries, to tell the time: nothing of it is secret. */
const ETC = [
  ...['alternatives', 'gai.conf', 'group', 'host.conf', 'hosts', 'ld.so.cache', 'ld.so.conf', 'ld.so.conf.d'],
  ...[
    'localtime',
    'mime.types',
    'nsswitch.conf',
    'os-release',
    'passwd',
    'protocols',
    'resolv.conf',
    'services',
  ],
  ...[
    'ca-certificates',
    'ssl/cert.pem',
    'ssl/certs',
    'ssl/openssl.cnf',
    'crypto-policies',
    'krb5.conf',
    'odbcinst.ini',
  ],
  ...[
    'pki/ca-trust',
    'pki/java',
    'pki/tls/cert.pem',
    'pki/tls/certs',
    'pki/tls/openssl.cnf',
    'timezone',
    'fonts',
  ],
];
/** Debian keeps the settings of a Java here. */
const JAVA = /^java(-\d+-openjdk)?$/;
/** /tmp and /dev/shm lie in memory that is counted nowhere; TMPDIR is the working folder. */
const TEMPORARY_BYTES = 256 * 1024 * 1024;

/** bubblewrap's arguments for what every program sees: the system's programs and libraries, read-only, and fresh /proc, /dev and /tmp. */
export function systemView({ sized }: { sized: boolean }): string[] {
  const java = readdirSync('/etc').filter((name) => JAVA.test(name));
  const etc = [...ETC, ...java].map((name) => join('/etc', name)).filter((path) => existsSync(path));
  const memory = (path: string) => [...(sized ? ['--size', String(TEMPORARY_BYTES)] : []), '--tmpfs', path];
  return [
    ...TREES.filter((path) => existsSync(path)).flatMap(readOnly),
    ...FOLDERS.flatMap(asItIs),
    ...etc.flatMap(readOnly),
    ...['--proc', '/proc', '--dev', '/dev', ...memory('/dev/shm'), ...memory('/tmp')],
  ];
}

/** bubblewrap's arguments for what one program sees beside it. What lies in a writable folder is writable. */
export function ownView({ cwd, readable, writable }: SandboxView): string[] {
  const isShown = (path: string) =>
    [...TREES, ...FOLDERS, ...writable].some((folder) => isWithin(path, folder));
  const ways = new Map(
    [cwd, ...readable].filter((path) => !isShown(path)).map((path) => [path, '--ro-bind-try']),
  );
  for (const path of writable) ways.set(path, '--bind-try');
  return [...ways]
    .filter(([path]) => path !== '/' && path !== '/tmp')
    .sort(([a], [b]) => a.length - b.length)
    .flatMap(([path, way]) => [way, path, path]);
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

function asItIs(path: string): string[] {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return [];
  return stats.isSymbolicLink() ? ['--symlink', readlinkSync(path), path] : readOnly(path);
}

function readOnly(path: string): string[] {
  return ['--ro-bind-try', path, path];
}
