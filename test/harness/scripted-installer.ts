import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from './until.ts';

const SCRIPTED_UV = fileURLToPath(new URL('./scripted-uv.mjs', import.meta.url));

/** A package index and an installer that do what a test says; neither Python nor a network is needed. */
export interface ScriptedInstaller {
  /** Options of createPluginEnvironments. */
  options: { folder: string; python: string; uv: string; installerEnvironment: Record<string, string> };
  /** Puts a version of a package on the index. */
  publish(name: string, version: string): void;
  /** Every installation that was begun, in order: "tap-tiny==1.0". */
  installs(): string[];
  /** From now on an installation waits, until release(). */
  hold(): void;
  release(): void;
  /** Waits until an installation is held; answers its process. */
  holding(): Promise<number>;
  /** The index answers no more, or again. */
  setDown(isDown: boolean): void;
  /** From now on every installation ends with these lines. */
  breakWith(lines: string): void;
  /** What the installer's processes had as their environment. */
  environments(): Record<string, string>[];
  /** The environments that are there, by the name of their folder. */
  folders(): string[];
  /** What is being built, or was left behind. */
  drafts(): string[];
  remove(): void;
}

const PYTHON = {
  version: '3.11.2',
  executable: '/usr/bin/python3.11',
  prefix: '/usr',
  hasVenv: false,
  hasPip: false,
};

export function scriptInstaller(): ScriptedInstaller {
  const script = mkdtempSync(join(tmpdir(), 'ivory-installer-'));
  const at = (...names: string[]) => join(script, ...names);
  const write = (name: string, content: string) => writeFileSync(at(name), content, { mode: 0o755 });
  const read = (name: string) => (existsSync(at(name)) ? readFileSync(at(name), 'utf8') : '');
  const linesOf = (name: string) =>
    read(name)
      .split('\n')
      .filter((line) => line !== '');
  const namesIn = (folder: string) => (existsSync(folder) ? readdirSync(folder) : []);
  mkdirSync(at('index'));
  write('python', `#!/bin/sh\necho '${JSON.stringify(PYTHON)}'\n`);
  write('uv', `#!/bin/sh\nexec '${process.execPath}' '${SCRIPTED_UV}' '${script}' "$@"\n`);
  const folder = at('plugins');
  return {
    options: { folder, python: at('python'), uv: at('uv'), installerEnvironment: { PATH: '/usr/bin:/bin' } },
    publish: (name, version) => write(join('index', `${name}-${version}`), ''),
    installs: () => linesOf('installs'),
    hold() {
      rmSync(at('holding'), { force: true });
      write('hold', '');
    },
    release: () => rmSync(at('hold')),
    holding: () => until('an installation is held', () => Number(read('holding')) || null),
    setDown: (isDown) => (isDown ? write('down', '') : rmSync(at('down'))),
    breakWith: (lines) => write('broken', lines),
    environments: () => linesOf('environment.jsonl').map((line) => JSON.parse(line)),
    folders: () => namesIn(folder).filter((name) => !name.startsWith('.')),
    drafts: () => namesIn(join(folder, '.building')),
    remove: () => rmSync(script, { recursive: true, force: true }),
  };
}
