import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

/** What a source was started with: `read --config c.json --catalog catalog.json --state state.json`. */
export interface SourceArguments<Config> {
  command: string;
  /** null where it was not given. */
  config: Config | null;
  catalog: string | null;
  state: string | null;
}

export function sourceArguments<Config>(): SourceArguments<Config> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { config: { type: 'string' }, catalog: { type: 'string' }, state: { type: 'string' } },
  });
  const textOf = (path: string | undefined) => (path === undefined ? null : readFileSync(path, 'utf8'));
  const config = textOf(values.config);
  return {
    command: positionals[0] ?? '',
    config: config === null ? null : (JSON.parse(config) as Config),
    catalog: textOf(values.catalog),
    state: textOf(values.state),
  };
}

export function print(message: unknown): void {
  process.stdout.write(`${typeof message === 'string' ? message : JSON.stringify(message)}\n`);
}
