/** One thing the demo claims, and what was found. */
export interface Check {
  name: string;
  ok: boolean;
  expected: unknown;
  actual: unknown;
}

export interface DemoRun {
  id: string;
  status: string;
  rows_synced: number;
  rows_loaded: number;
  transform_errors: number;
  duration_s: number;
}

/** What `ivory demo --json` prints. */
export interface DemoAccount {
  connector_id: string;
  runs: DemoRun[];
  rows_synced: number;
  rows_loaded: number;
  transform_errors: number;
  tables: string[];
  checks: Check[];
  /** Wall clock of the whole demo, seconds. */
  seconds: number;
}

export function check(name: string, expected: unknown, actual: unknown): Check {
  return { name, ok: JSON.stringify(expected) === JSON.stringify(actual), expected, actual };
}

/** Tells each step on stderr or stdout as it ends, with the time since the start. */
export function createTeller(write: (line: string) => void) {
  const startedAt = performance.now();
  return {
    tell: (text: string) =>
      write(`${((performance.now() - startedAt) / 1000).toFixed(1).padStart(6)} s  ${text}`),
    seconds: () => Math.round((performance.now() - startedAt) / 100) / 10,
  };
}

export function readable({ checks, ...account }: DemoAccount): string {
  const lines = checks.map(({ name, ok, expected, actual }) =>
    ok
      ? `  ok    ${name}: ${JSON.stringify(actual)}`
      : `  WRONG ${name}: expected ${JSON.stringify(expected)}, found ${JSON.stringify(actual)}`,
  );
  const summary = `${account.runs.length} runs, ${account.rows_synced} rows synced, ${account.rows_loaded} loaded into ${account.tables.join(', ')}, ${account.transform_errors} transform errors, ${account.seconds} s`;
  return `\nChecks against the source file:\n${lines.join('\n')}\n\n${summary}\n`;
}
