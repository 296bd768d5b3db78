// Stands for uv: installs "packages" that are empty files of an index folder, tells what it did, and waits, fails or finds the index down
// as files beside it say. Started with the folder of the script and uv's own arguments.
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

const [script, command, ...args] = process.argv.slice(2);
const at = (name) => join(script, name);
appendFileSync(at('environment.jsonl'), `${JSON.stringify(process.env)}\n`);

if (command === 'venv') {
  mkdirSync('bin');
} else if (args[0] === 'compile') {
  failWhereDown();
  const name = readFileSync('requirements.txt', 'utf8').split('\n')[0];
  console.log(`${name}==${versionsOf(name).at(-1)}\nother-package==7.0`);
} else {
  await install(args.filter((arg) => arg.includes('==')));
}

async function install([requirement]) {
  appendFileSync(at('installs'), `${requirement}\n`);
  if (existsSync(at('hold'))) await held();
  failWhereDown();
  const [name, version] = requirement.split('==');
  if (!versionsOf(name).includes(version)) {
    fail(1, [
      'error: No solution found when resolving dependencies',
      `  cause: Because there is no version of ${requirement} and you require ${requirement}, we can conclude that your requirements are unsatisfiable.`,
    ]);
  }
  if (existsSync(at('broken'))) fail(1, readFileSync(at('broken'), 'utf8').split('\n'));
  writeFileSync(join('bin', name), `#!/bin/sh\necho ${name} ${version}\n`, { mode: 0o755 });
}

async function held() {
  writeFileSync(at('holding'), String(process.pid));
  while (existsSync(at('hold'))) await wait(10);
}

function versionsOf(name) {
  return readdirSync(at('index'))
    .filter((file) => file.startsWith(`${name}-`))
    .map((file) => file.slice(name.length + 1))
    .sort();
}

function failWhereDown() {
  if (!existsSync(at('down'))) return;
  fail(2, [
    'error: Request failed after 3 retries in 6.1s',
    '  cause: Failed to fetch: https://reader:pa55word@index.invalid/simple/tap-tiny/',
    '  cause: tcp connect error',
  ]);
}

function fail(code, lines) {
  console.error(lines.join('\n'));
  process.exit(code);
}
