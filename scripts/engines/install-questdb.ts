import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { aptInstall } from './apt.ts';

/**
 * Brings QuestDB, one jar of Maven Central, into .engines/questdb through Maven and whatever mirror that is configured for. Java and Maven
 * come from Debian where apt may be used. Does nothing, at once, when it is there. Exit 0 with a line starting with **** where the machine
 * cannot have it.
 */
const VERSION = '9.1.0';
const OLDEST_JAVA = 17;
const MAVEN = 'mvn';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../../.engines/questdb');
const stamp = join(root, 'installed.json');
const jar = join(root, 'questdb.jar');
const wanted = JSON.stringify({ version: VERSION, root });

process.exitCode = main();

function main(): number {
  if (isInstalled()) return 0;
  const missing = withoutJava() ?? withoutMaven();
  if (missing !== null) return skip(missing);
  mkdirSync(root, { recursive: true });
  say(`fetching org.questdb:questdb:${VERSION}`);
  if (!fetched()) return skip('Maven could not fetch it; its messages are above.');
  writeFileSync(stamp, wanted);
  say(`QuestDB is in ${root}`);
  return 0;
}

function isInstalled(): boolean {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted && existsSync(jar) && suits(javaMajor());
}

function withoutJava(): string | null {
  if (suits(javaMajor())) return null;
  aptInstall(['openjdk-17-jre-headless']);
  const major = javaMajor();
  if (suits(major)) return null;
  const found = major === null ? 'there is no java on the PATH' : `java on the PATH is version ${major}`;
  return `QuestDB needs Java ${OLDEST_JAVA} and ${found} (Debian: apt-get install openjdk-17-jre-headless).`;
}

function suits(major: number | null): boolean {
  return major !== null && major >= OLDEST_JAVA;
}

function javaMajor(): number | null {
  const home = process.env['JAVA_HOME'];
  const { status, stderr } = spawnSync(home ? join(home, 'bin', 'java') : 'java', ['-version'], {
    encoding: 'utf8',
  });
  const version = status === 0 ? /version "(?:1\.)?(\d+)/.exec(stderr) : null;
  return version ? Number(version[1]) : null;
}

function withoutMaven(): string | null {
  const hasMaven = () => spawnSync(MAVEN, ['-v'], { stdio: 'ignore' }).status === 0;
  if (hasMaven()) return null;
  aptInstall(['maven']);
  return hasMaven() ? null : 'it comes through Maven and there is no mvn (Debian: apt-get install maven).';
}

function fetched(): boolean {
  const repository = join(root, 'maven');
  const { status } = spawnSync(
    MAVEN,
    [
      ...['-q', '-B', 'dependency:get', `-Dartifact=org.questdb:questdb:${VERSION}`],
      ...['-Dtransitive=false', '-Dstyle.color=never', `-Dmaven.repo.local=${repository}`],
    ],
    { stdio: ['ignore', 2, 2] },
  );
  const file = join(repository, 'org', 'questdb', 'questdb', VERSION, `questdb-${VERSION}.jar`);
  const isThere = status === 0 && existsSync(file);
  if (isThere) renameSync(file, jar);
  rmSync(repository, { recursive: true, force: true });
  return isThere;
}

function skip(reason: string): number {
  say(`**** NO QUESTDB: ${reason}`);
  say('**** The tests against QuestDB are SKIPPED.');
  return 0;
}

function say(line: string): void {
  process.stderr.write(`${line.startsWith('****') ? '' : 'engines: '}${line}\n`);
}
