import { readFileSync, writeFileSync } from 'node:fs';

/**
 * Adds to package-lock.json the optional packages of other platforms that the registry in use did not answer for.
 * npm leaves those out of the lock file, and then `npm ci` of npm 11 refuses it everywhere. With --check: exit 1 if any is missing.
 */
interface Locked {
  version?: string;
  dev?: boolean;
  optionalDependencies?: Record<string, string>;
}
interface LockFile {
  packages: Record<string, Locked>;
}

const SYSTEMS = [
  'aix',
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'win32',
];
const PROCESSORS = [
  'arm',
  'arm64',
  'ia32',
  'loong64',
  'mips64el',
  'ppc64',
  'riscv64',
  's390x',
  'wasm32',
  'x64',
];

const lockFile: LockFile = JSON.parse(readFileSync('package-lock.json', 'utf8'));
const missing = missingFrom(lockFile);
const checkOnly = process.argv.includes('--check');

if (checkOnly) for (const [path] of missing) console.error(`package-lock.json lacks ${path}`);
else if (missing.length > 0) write(lockFile, missing);
console.log(
  `${Object.keys(lockFile.packages).length} locked packages, ${missing.length} ${checkOnly ? 'missing' : 'added'}`,
);
if (checkOnly && missing.length > 0) {
  console.error('run: npm run lock:complete');
  process.exitCode = 1;
}

function missingFrom({ packages }: LockFile): [path: string, entry: object][] {
  return Object.entries(packages).flatMap(([path, { dev, optionalDependencies = {} }]) =>
    Object.entries(optionalDependencies)
      .filter(([name, version]) => isExact(version) && !isFoundFrom(packages, path, name))
      .map(([name, version]): [string, object] => [
        `${besides(path)}node_modules/${name}`,
        entryOf(name, version, dev),
      ]),
  );
}

/** Platform packages are pinned to one version; a range cannot be completed without the registry. */
function isExact(version: string): boolean {
  return /^\d+\.\d+\.\d+/.test(version);
}

/** Node's look-up: the package's own node_modules, then that of each package around it. */
function isFoundFrom(packages: LockFile['packages'], path: string, name: string): boolean {
  if (`${path}${path === '' ? '' : '/'}node_modules/${name}` in packages) return true;
  if (path === '') return false;
  const parent = path.lastIndexOf('/node_modules/');
  return isFoundFrom(packages, parent < 0 ? '' : path.slice(0, parent), name);
}

/** Next to the package that asks for it: two versions of one package may each ask for theirs. */
function besides(path: string): string {
  const parent = path.lastIndexOf('/node_modules/');
  return parent < 0 ? '' : `${path.slice(0, parent)}/`;
}

/** As npm writes it. Platform packages say their platform in their name: "@swc/core-linux-x64-musl". */
function entryOf(name: string, version: string, dev = false): object {
  const words = name.slice(name.indexOf('/') + 1).split('-');
  const os = words.filter((word) => SYSTEMS.includes(word));
  const cpu = words.filter((word) => PROCESSORS.includes(word));
  const libc = os.includes('linux') ? words.flatMap(libcOf) : [];
  return {
    version,
    ...(cpu.length > 0 && { cpu }),
    ...(dev && { dev }),
    ...(libc.length > 0 && { libc }),
    optional: true,
    ...(os.length > 0 && { os }),
  };
}

function libcOf(word: string): string[] {
  if (word.startsWith('musl')) return ['musl'];
  return word.startsWith('gnu') ? ['glibc'] : [];
}

function write(lock: LockFile, entries: readonly [string, object][]): void {
  const all = Object.entries({ ...lock.packages, ...Object.fromEntries(entries) });
  const packages = Object.fromEntries(all.sort(([a], [b]) => a.localeCompare(b, 'en')));
  writeFileSync('package-lock.json', `${JSON.stringify({ ...lock, packages }, null, 2)}\n`);
}
