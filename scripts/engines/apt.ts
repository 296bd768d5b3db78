import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const APT = 'apt-get';
const DPKG = 'dpkg';

/** Installs packages of Debian where this user may and apt-get is there; says nothing about whether it worked. */
export function aptInstall(packages: readonly string[]): void {
  if (process.getuid?.() !== 0 || !apt(['--version'])) return;
  process.stderr.write(`engines: installing ${packages.join(', ')} (${APT})\n`);
  const install = ['install', '-y', '-qq', '-o', 'DPkg::Lock::Timeout=120', '--no-install-recommends'];
  if (apt([...install, ...packages])) return;
  apt(['update', '-qq']);
  apt([...install, ...packages]);
}

/**
 * Unpacks packages of another release of Debian into a folder, without installing them, from the archive this machine installs from.
 * False where that does not work.
 */
export function downloadDebian(release: string, packages: readonly string[], folder: string): boolean {
  const archive = debianArchive();
  if (archive === null) return false;
  const work = join(folder, 'apt');
  for (const sub of ['lists/partial', 'cache/archives/partial'])
    mkdirSync(join(work, sub), { recursive: true });
  const sources = join(work, 'sources.list');
  writeFileSync(sources, `deb [signed-by=${DEBIAN_KEYS}] ${archive} ${release} main\n`);
  const settings = [
    `Dir::Etc::sourcelist=${sources}`,
    'Dir::Etc::sourceparts=-',
    `Dir::State::lists=${join(work, 'lists')}`,
    `Dir::Cache=${join(work, 'cache')}`,
    // a user of its own could not write here
    'APT::Sandbox::User=root',
  ].flatMap((setting) => ['-o', setting]);
  const isThere =
    apt([...settings, 'update', '-qq']) &&
    apt([...settings, 'download', '-qq', ...packages], work) &&
    unpackAll(work, folder);
  rmSync(work, { recursive: true, force: true });
  return isThere;
}

const DEBIAN_KEYS = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** Where packages of Debian itself come from here; not of its security updates, which are kept apart. */
function debianArchive(): string | null {
  const format = '$(ORIGIN)|$(COMPONENT)|$(CODENAME)|$(REPO_URI)';
  const { status, stdout } = spawnSync(APT, ['indextargets', '--format', format], { encoding: 'utf8' });
  const rows = status === 0 ? stdout.split('\n').map((line) => line.split('|')) : [];
  const found = rows.find(
    ([origin, component, codename]) =>
      origin === 'Debian' && component === 'main' && /^[a-z]+$/.test(codename ?? ''),
  );
  return found?.[3] ?? null;
}

function unpackAll(from: string, to: string): boolean {
  const files = readdirSync(from).filter((name) => name.endsWith('.deb'));
  return files.every((name) => spawnSync(DPKG, ['-x', join(from, name), to]).status === 0);
}

function apt(args: readonly string[], cwd?: string): boolean {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return spawnSync(APT, args, { cwd, env, stdio: 'ignore' }).status === 0;
}
