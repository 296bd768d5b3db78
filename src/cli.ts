#!/usr/bin/env node
import { AppError, messageOf } from './errors.ts';

/** A command: takes what follows its name, answers the exit code. Loaded only when asked for. */
interface Command {
  summary: string;
  load(): Promise<{ main(argv: string[]): Promise<number> }>;
}

const COMMANDS: Record<string, Command> = {
  'tap-files': {
    summary: 'Singer tap over CSV, JSON and Parquet files',
    load: () => import('./cli/tap-files.ts'),
  },
};

const [name = 'help', ...argv] = process.argv.slice(2);
process.exitCode = await run(name, argv);

async function run(commandName: string, rest: string[]): Promise<number> {
  const command = Object.hasOwn(COMMANDS, commandName) ? COMMANDS[commandName] : undefined;
  if (!command) return usage(commandName);
  try {
    return await (await command.load()).main(rest);
  } catch (error) {
    const code = error instanceof AppError ? ` (${error.code})` : '';
    process.stderr.write(`ivory ${commandName}: ${messageOf(error)}${code}\n`);
    return 1;
  }
}

function usage(asked: string): number {
  const lines = Object.entries(COMMANDS).map(([key, command]) => `  ${key.padEnd(16)}${command.summary}`);
  process.stderr.write(`usage: ivory <command> [options]\n\n${lines.join('\n')}\n`);
  return ['help', '--help', '-h'].includes(asked) ? 0 : 2;
}
