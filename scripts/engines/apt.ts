import { spawnSync } from 'node:child_process';

const APT = 'apt-get';

/** Installs packages of Debian where this user may and apt-get is there; says nothing about whether it worked. */
export function aptInstall(packages: readonly string[]): void {
  if (process.getuid?.() !== 0 || !apt(['--version'])) return;
  process.stderr.write(`engines: installing ${packages.join(', ')} (${APT})\n`);
  const install = ['install', '-y', '-qq', '-o', 'DPkg::Lock::Timeout=120', '--no-install-recommends'];
  if (apt([...install, ...packages])) return;
  apt(['update', '-qq']);
  apt([...install, ...packages]);
}

function apt(args: readonly string[]): boolean {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return spawnSync(APT, args, { env, stdio: 'ignore' }).status === 0;
}
