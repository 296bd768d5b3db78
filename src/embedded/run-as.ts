import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { InvalidError } from '../errors.ts';

export interface Account {
  uid: number;
  gid: number;
}

/** How to start a program: what to put before it, and the spawn options that set its user. */
export interface Launcher {
  /** Whom files must belong to; null: ourselves. */
  account: Account | null;
  command(
    program: string,
    args: readonly string[],
  ): { file: string; args: string[]; options: Partial<Account> };
}

export const PLAIN_ENVIRONMENT = { PATH: '/usr/bin:/bin:/usr/sbin:/sbin', LC_ALL: 'C', TZ: 'UTC' };
const ACCOUNTS = ['postgres', 'nobody'];

/**
 * Postgres refuses to run as root. Root starts it as an account with no rights, which the operator need not create. When that account
 * may not walk to one of `paths` (a clone under /root, a data folder under mktemp -d), the programs keep the one capability to pass.
 * Throws InvalidError `dev.no_account`, `dev.data_dir_unreachable`.
 */
export function launcherFor(paths: readonly string[], owner: Account | null): Launcher {
  if (process.getuid?.() !== 0) return { account: null, command: plain({}) };
  const account = owner && owner.uid !== 0 ? owner : findAccount();
  const blocked = paths.find((path) => !canReach(path, account));
  if (blocked === undefined) return { account, command: plain(account) };
  if (!canPassAnyFolder(account)) throw unreachable(blocked);
  return { account, command: (program, args) => passing(account, program, args) };
}

function plain(options: Partial<Account>): Launcher['command'] {
  return (file, args) => ({ file, args: [...args], options });
}

/** no_setuid_fixup: without it access(2), which initdb asks about its own programs, would ignore the capability. */
function passing(account: Account, program: string, args: readonly string[]) {
  const flags = [
    `--reuid=${account.uid}`,
    `--regid=${account.gid}`,
    '--clear-groups',
    '--inh-caps=+dac_override',
    '--ambient-caps=+dac_override',
    '--securebits=+no_setuid_fixup',
  ];
  return { file: 'setpriv', args: [...flags, program, ...args], options: {} };
}

function canPassAnyFolder(account: Account): boolean {
  const { file, args } = passing(account, 'true', []);
  return spawnSync(file, args, { env: PLAIN_ENVIRONMENT, timeout: 5_000 }).status === 0;
}

/** Every folder on the way lets the account through, and the last part is its own or may be read and run by it. */
function canReach(path: string, account: Account): boolean {
  const { mode, uid, gid } = statSync(path);
  const shift = uid === account.uid ? 6 : gid === account.gid ? 3 : 0;
  const passes = ((mode >> shift) & 1) === 1;
  const parent = dirname(path);
  return passes && (parent === path || canReach(parent, account));
}

function findAccount(): Account {
  const lines = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  for (const name of ACCOUNTS) {
    const [, , uid, gid] = lines.find(([user]) => user === name) ?? [];
    if (Number(uid) > 0 && Number(gid) > 0) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new InvalidError(
    'dev.no_account',
    'Postgres does not run as root, and this machine has neither a `postgres` nor a `nobody` account to run it as. Start Ivory as another user.',
  );
}

function unreachable(path: string): InvalidError {
  return new InvalidError(
    'dev.data_dir_unreachable',
    `Postgres does not run as root, and an account without rights cannot reach ${path}. Use a folder others may enter (chmod o+x), install util-linux (setpriv), or start Ivory as another user.`,
  );
}
