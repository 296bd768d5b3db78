#!/usr/bin/env node
import { prepareImports } from './cli/prepare-imports.ts';
import { tellCrashes } from './cli/tell-crashes.ts';
import { AppError, messageOf } from './errors.ts';

/** A command: takes what follows its name, answers the exit code. Loaded only when asked for. */
interface Command {
  summary: string;
  load(): Promise<{ main(argv: string[]): Promise<number> }>;
}

const COMMANDS: Record<string, Command> = {
  demo: {
    summary: 'The main job end to end on real data; exit 0 if every check holds',
    load: () => import('./cli/demo.ts'),
  },
  dev: { summary: 'Everything in one process on an embedded Postgres', load: () => import('./cli/dev.ts') },
  api: { summary: 'Serves the HTTP API', load: () => import('./cli/api.ts') },
  worker: {
    summary: 'Runs pools: scheduler, runner, transform, mapping',
    load: () => import('./cli/worker.ts'),
  },
  migrate: { summary: 'Brings the database to the newest schema', load: () => import('./cli/migrate.ts') },
  token: { summary: 'Signs an access token for a tenant', load: () => import('./cli/token.ts') },
  catalog: {
    summary: 'Adds, lists, disables the catalogs of a tenant',
    load: () => import('./cli/catalog.ts'),
  },
  'encrypt-config': {
    summary: 'Seals a tap config (stdin) for config_encrypted',
    load: () => import('./cli/encrypt-config.ts'),
  },
  target: {
    summary: 'Singer target: stdin into Postgres, durable STATE lines to stdout',
    load: () => import('./cli/target.ts'),
  },
  'tap-files': {
    summary: 'Singer tap over CSV, JSON and Parquet files',
    load: () => import('./cli/tap-files.ts'),
  },
  expr: { summary: 'Evaluates a transform expression over JSON lines', load: () => import('./cli/expr.ts') },
  match: { summary: 'Ranks target columns for every source field', load: () => import('./cli/match.ts') },
  guard: {
    summary: 'Judges one query for a tenant; prints what may run, or why not',
    load: () => import('./cli/guard.ts'),
  },
};

/** What a service manager need not try again: also the code of a wrong command. */
const WRONG_SETTINGS = 2;
const LEFT_OPEN_MS = 2_000;

prepareImports();
const [name = 'help', ...argv] = process.argv.slice(2);
tellCrashes(name);
process.exitCode = await run(name, argv);

async function run(commandName: string, rest: string[]): Promise<number> {
  const command = Object.hasOwn(COMMANDS, commandName) ? COMMANDS[commandName] : undefined;
  if (!command) return usage(commandName);
  try {
    return await (await command.load()).main(rest);
  } catch (error) {
    const code = error instanceof AppError ? ` (${error.code})` : '';
    process.stderr.write(`ivory ${commandName}: ${messageOf(error)}${code}\n`);
    // what was opened before it failed, and is open still, keeps nobody waiting for the end
    setTimeout(() => process.exit(), LEFT_OPEN_MS).unref();
    return error instanceof AppError && error.code === 'config.invalid' ? WRONG_SETTINGS : 1;
  }
}

function usage(asked: string): number {
  const lines = Object.entries(COMMANDS).map(([key, command]) => `  ${key.padEnd(16)}${command.summary}`);
  const isHelp = ['help', '--help', '-h'].includes(asked);
  const refusal = isHelp ? '' : `ivory ${asked}: unknown command\n\n`;
  process.stderr.write(`${refusal}usage: ivory <command> [options]\n\n${lines.join('\n')}\n`);
  return isHelp ? 0 : 2;
}
