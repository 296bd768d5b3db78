import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../.engines/linters', import.meta.url));

const PROGRAMS = {
  hadolint: 'python/bin/hadolint',
  'kubernetes-validate': 'python/bin/kubernetes-validate',
  'docker-compose': 'debian/usr/libexec/docker/cli-plugins/docker-compose',
  kustomize: 'debian/usr/bin/kustomize',
} as const;
export type Linter = keyof typeof PROGRAMS;

/** Whether `make engines` has installed it; says so loudly when not. */
export function hasLinter(name: Linter): boolean {
  const isThere = existsSync(join(ROOT, PROGRAMS[name]));
  if (!isThere)
    console.warn(
      `**** NO ${name.toUpperCase()}: \`make engines\` has not installed it, so its tests are SKIPPED.`,
    );
  return isThere;
}

/** What a linter says of its arguments, or of standard input. */
export function lint(
  name: Linter,
  args: string[],
  { input = '', cwd }: { input?: string; cwd?: string } = {},
): Promise<{ code: number; out: string; said: string }> {
  return new Promise((resolve) => {
    const child = execFile(join(ROOT, PROGRAMS[name]), args, { cwd, env: {} }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      resolve({ code, out: stdout, said: stdout + stderr });
    });
    child.stdin?.end(input);
  });
}
