import { type AppError, InvalidError, UnavailableError } from '../../../errors.ts';
import { normalizedName } from './package-name.ts';

export interface FailedInstall {
  /** What a connector calls the plugin. */
  name: string;
  package: string;
  /** null: the newest. */
  version: string | null;
  /** What the installer wrote to stderr, its last lines. */
  lines: readonly string[];
}

const LINES_TOLD = 8;
const CHARS_TOLD = 1_500;
const VERSIONS_TOLD = 10;

const UNREACHABLE =
  /error sending request|failed to fetch|request failed after|dns error|connection (refused|reset)|timed out|http status (server|client) error|network connectivity|network was disabled|invalid peer certificate|newconnectionerror|max retries exceeded/i;

/** Whether the index was asked, answered, and has no such version. */
export function isVersionUnknown({ package: name, version, lines }: FailedInstall): boolean {
  if (version === null) return false;
  const [, missing = ''] =
    /there (?:is|are) no versions? of ([\w.-]+?)(?:\[[^\]]*\])?(?:==|\s)/.exec(unwrapped(lines)) ?? [];
  return normalizedName(missing) === normalizedName(name);
}

/** The error of an installer that failed for any other reason. */
export function installFailure(install: FailedInstall): AppError {
  const told = lastWords(install.lines);
  if (UNREACHABLE.test(unwrapped(install.lines))) {
    return new UnavailableError(
      'plugin.registry_unavailable',
      `The package index cannot be reached to install ${titleOf(install)}: ${told}`,
    );
  }
  return new InvalidError('plugin.install_failed', `${titleOf(install)} cannot be installed: ${told}`);
}

/** The installer itself could not be had: the machine's trouble, whatever its reason, and no connector's. */
export function installerUnavailable(title: string, lines: readonly string[]): UnavailableError {
  return new UnavailableError(
    'plugin.registry_unavailable',
    `The package index gives no ${title}, which makes Python environments: ${lastWords(lines)}`,
  );
}

/** `versions`: those there are, newest first; empty: not known. */
export function versionUnknown(install: FailedInstall, versions: readonly string[]): InvalidError {
  const told = versions.slice(0, VERSIONS_TOLD).join(', ');
  const more = versions.length > VERSIONS_TOLD ? ' and older ones' : '';
  const there = told === '' ? '' : ` There are ${told}${more}.`;
  return new InvalidError(
    'plugin.version_unknown',
    `${install.name} has no version ${install.version} (package ${install.package}).${there}`,
  );
}

/** A package index may be named with a password in its URL. */
function withoutLogins(text: string): string {
  return text.replaceAll(/:\/\/[^/\s@]+@/g, '://[secret]@');
}

function lastWords(lines: readonly string[]): string {
  const kept = lines.map((line) => line.trim()).filter((line) => line !== '');
  const told = kept.slice(-LINES_TOLD).join(' | ') || 'it said nothing';
  return withoutLogins(told).slice(-CHARS_TOLD);
}

function titleOf({ name, package: packageName, version }: FailedInstall): string {
  return `${name} (${packageName}${version === null ? '' : ` ${version}`})`;
}

/** uv breaks its explanations into lines. */
function unwrapped(lines: readonly string[]): string {
  return lines.map((line) => line.trim()).join(' ');
}
