import { startPostgres } from '../../../src/embedded/postgres.ts';

/** A process of its own for the tests: starts Postgres on the given folder, says so in one JSON line, then does as told. */
const [dataDir = '', then = 'stay'] = process.argv.slice(2);

try {
  const { url, port, pid } = await startPostgres({ dataDir, settings: { fsync: 'off' }, sync: false });
  console.log(JSON.stringify({ url, port, pid }));
  if (then === 'stay') setInterval(() => {}, 60_000);
} catch (error) {
  const { code, message } =
    error instanceof Error && 'code' in error ? error : { code: 'unknown', message: String(error) };
  console.log(JSON.stringify({ code, message }));
  process.exitCode = 1;
}
