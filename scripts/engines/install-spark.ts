import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { aptInstall } from './apt.ts';

/**
 * Brings Spark 3.5 with Iceberg into .engines/spark: pyspark from PyPI (its jars are all that is used of it), the jars of JARS from
 * Maven Central, each through its ordinary client and whatever mirror that is configured for. Java comes from Debian where apt may be
 * used. Does nothing, at once, when all is there. Exit 0 with a line starting with **** where the machine cannot have it.
 */
const PYSPARK = 'pyspark==3.5.*';
/**
 * Iceberg, and what it takes to read s3a://. hadoop-aws must be of the version of Spark's own Hadoop. It names one bundle of all of AWS (280 MB);
 * of that it loads the classes of these four, the jackson one in the version of Spark's own.
 */
const JARS = [
  'org.apache.iceberg:iceberg-spark-runtime-3.5_2.12:1.10.0',
  'org.apache.hadoop:hadoop-aws:3.3.4',
  'com.amazonaws:aws-java-sdk-core:1.12.262',
  'com.amazonaws:aws-java-sdk-s3:1.12.262',
  'com.amazonaws:aws-java-sdk-dynamodb:1.12.262',
  'com.fasterxml.jackson.dataformat:jackson-dataformat-cbor:2.15.2',
];
const OLDEST_JAVA = 8;
/** Spark 3.5 does not start on newer ones without further flags. */
const NEWEST_JAVA = 17;

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../../.engines/spark');
const stamp = join(root, 'installed.json');
const wanted = JSON.stringify({ pyspark: PYSPARK, jars: JARS, root });

process.exitCode = main();

function main(): number {
  if (isInstalled()) return 0;
  const missing = withoutJava() ?? withoutPython();
  if (missing !== null) return skip(missing);
  mkdirSync(root, { recursive: true });
  installPyspark();
  installJars();
  writeFileSync(stamp, wanted);
  say(`Spark is in ${root}`);
  return 0;
}

function isInstalled(): boolean {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted && javaMajor() !== null;
}

function withoutJava(): string | null {
  if (suits(javaMajor())) return null;
  aptInstall(['openjdk-17-jre-headless']);
  const major = javaMajor();
  if (suits(major)) return null;
  const found = major === null ? 'there is no java on the PATH' : `java on the PATH is version ${major}`;
  return `Spark needs Java ${OLDEST_JAVA} to ${NEWEST_JAVA} and ${found} (Debian: apt-get install openjdk-17-jre-headless).`;
}

function suits(major: number | null): boolean {
  return major !== null && major >= OLDEST_JAVA && major <= NEWEST_JAVA;
}

function javaMajor(): number | null {
  const { status, stderr } = run(javaProgram(), ['-version'], { quiet: true });
  const version = status === 0 ? /version "(?:1\.)?(\d+)/.exec(stderr) : null;
  return version ? Number(version[1]) : null;
}

function javaProgram(): string {
  const home = process.env['JAVA_HOME'];
  return home ? join(home, 'bin', 'java') : 'java';
}

function withoutPython(): string | null {
  const makesEnvironments = () =>
    run('python3', ['-c', 'import venv, ensurepip'], { quiet: true }).status === 0;
  if (makesEnvironments()) return null;
  aptInstall(['python3', 'python3-venv']);
  if (makesEnvironments()) return null;
  return 'Spark comes from PyPI and there is no python3 with venv (Debian: apt-get install python3-venv).';
}

/** The environment is for pip alone: what is kept of it is the folder of jars and scripts. */
function installPyspark(): void {
  const home = join(root, 'home');
  if (existsSync(join(home, 'bin', 'spark-submit'))) return;
  const making = join(root, 'making');
  rmSync(making, { recursive: true, force: true });
  say(`installing ${PYSPARK} (about 350 MB)`);
  must('python3', ['-m', 'venv', making]);
  must(join(making, 'bin', 'pip'), ['install', '--quiet', '--no-deps', PYSPARK]);
  renameSync(packageFolder(making), home);
  rmSync(making, { recursive: true, force: true });
}

function packageFolder(environment: string): string {
  const lib = join(environment, 'lib');
  const found = readdirSync(lib)
    .map((python) => join(lib, python, 'site-packages', 'pyspark'))
    .find((folder) => existsSync(folder));
  return found ?? fail(`pip installed ${PYSPARK}, and it is not under ${lib}.`);
}

/** Maven where there is one, for it knows the machine's mirror; else the resolver inside Spark. */
function installJars(): void {
  const jars = join(root, 'jars');
  mkdirSync(jars, { recursive: true });
  for (const coordinates of JARS) {
    const file = join(jars, jarName(coordinates));
    if (existsSync(file)) continue;
    say(`fetching ${coordinates}`);
    if (!fetchedByMaven(coordinates, file) && !fetchedBySpark(coordinates, file))
      fail(`Neither Maven nor Spark's own resolver could fetch ${coordinates}; their messages are above.`);
  }
}

function jarName(coordinates: string): string {
  const [, artifact = '', version = ''] = coordinates.split(':');
  return `${artifact}-${version}.jar`;
}

function fetchedByMaven(coordinates: string, file: string): boolean {
  if (run('mvn', ['-v'], { quiet: true }).status !== 0) return false;
  const repository = join(root, 'maven');
  const got = run('mvn', [
    ...['-q', '-B', 'dependency:get', `-Dartifact=${coordinates}`],
    ...['-Dtransitive=false', '-Dstyle.color=never', `-Dmaven.repo.local=${repository}`],
  ]);
  const [group = '', artifact = '', version = ''] = coordinates.split(':');
  const folder = join(repository, ...group.split('.'), artifact, version);
  const kept = got.status === 0 && keep(join(folder, jarName(coordinates)), file);
  rmSync(repository, { recursive: true, force: true });
  return kept;
}

/** Spark resolves --packages before it finds that there is no such class to run. */
function fetchedBySpark(coordinates: string, file: string): boolean {
  const ivy = join(root, 'ivy');
  const home = join(root, 'home');
  const submit = join(home, 'bin', 'spark-submit');
  const { stderr } = run(
    submit,
    ['--packages', coordinates, '--conf', `spark.jars.ivy=${ivy}`, '--class', 'none', 'spark-internal'],
    { env: { SPARK_HOME: home }, quiet: true },
  );
  const [group = ''] = coordinates.split(':');
  const kept = keep(join(ivy, 'jars', `${group}_${jarName(coordinates)}`), file);
  rmSync(ivy, { recursive: true, force: true });
  if (!kept) process.stderr.write(stderr);
  return kept;
}

function keep(from: string, to: string): boolean {
  if (!existsSync(from)) return false;
  renameSync(from, to);
  return true;
}

interface RunOptions {
  env?: Record<string, string>;
  quiet?: boolean;
}

/** What it prints goes to stderr: stdout is for the one who called us. */
function run(program: string, args: readonly string[], { env = {}, quiet = false }: RunOptions = {}) {
  const { status, stderr } = spawnSync(program, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', quiet ? 'ignore' : 2, quiet ? 'pipe' : 2],
    encoding: 'utf8',
  });
  return { status, stderr: stderr ?? '' };
}

function must(program: string, args: readonly string[]): void {
  const { status } = run(program, args);
  if (status !== 0) fail(`${program} ${args.join(' ')} ended with ${status}; its messages are above.`);
}

function skip(reason: string): number {
  say(`**** NO SPARK: ${reason}`);
  say('**** The tests against Spark are SKIPPED.');
  return 0;
}

function say(line: string): void {
  process.stderr.write(`${line.startsWith('****') ? '' : 'engines: '}${line}\n`);
}

function fail(reason: string): never {
  say(`spark: ${reason}`);
  process.exit(1);
}
