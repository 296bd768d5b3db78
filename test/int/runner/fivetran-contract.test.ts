import { createFivetranRunner } from '../../../src/adapters/runner/fivetran/fivetran.ts';
import { openDatabase, type Sql } from '../../../src/db/client.ts';
import type { Runner, TapSpec } from '../../../src/ports/runner.ts';
import { createFivetranDestination } from '../../harness/fivetran-destination.ts';
import {
  type FivetranStub,
  STUB_CONNECTION,
  STUB_KEY,
  startFivetranStub,
} from '../../harness/fivetran-stub.ts';
import {
  rowsOf,
  type ScriptedConfig,
  type SourceStep,
  STREAMS,
  type StreamName,
  scriptedConfig,
  stepsIn,
} from '../../harness/runner-contract/source-script.ts';
import { describeRunnerContract, type OpenOptions } from '../../harness/runner-contract.ts';

const TABLE = {
  columns: { id: 'bigint', name: 'text', amount: 'float8', updated_at: 'timestamptz' },
  key: ['id'],
};
const FIELDS = { id: 'string', name: 'string', amount: 'string', updated_at: 'string' };
const KEPT_THERE =
  'Fivetran keeps its own bookmarks, and is given none; fivetran.test.ts has what a state means here';
const STARTED_AT = Date.UTC(2024, 2, 28);

describeRunnerContract({
  name: 'fivetran',
  tapName: 'salesforce',
  fields: FIELDS,
  codes: { failed: /^fivetran\.sync_failed$/ },
  lacks: {
    'a source that has nothing is a completed run of no rows that makes no state up':
      'the time of the last success is the state',
    'a state given back goes to the source as it was said, and only what is new is moved': KEPT_THERE,
    'a run without a state starts from the beginning, whatever earlier runs of the connector left':
      KEPT_THERE,
    'a source that fails after a durable state is a partial run: rows and state before it are kept':
      'a sync that failed says nothing of how far it came; its rows come with the next good one',
    'after a partial run the next one goes on where it stopped': 'as above',
    'a source that falls silent is ended after the idle timeout, and the run says so':
      'there is no process to fall silent; the time of the whole run is bounded',
    'a worker that lost its run writes no row of it and says that it lost it':
      'Fivetran writes the rows; fivetran-failures.test.ts has that none is marked',
    'a tap it does not know is refused with the names that are near': 'the service is Fivetran’s affair',
  },

  async open(options) {
    const source = createScriptedFivetran(options);
    const config = (steps: readonly SourceStep[], password: string) => ({
      ...scriptedConfig(steps, password),
      api_key: STUB_KEY,
      api_secret: password,
      connection_id: STUB_CONNECTION,
    });
    return { runner: source.runner, config, close: source.close };
  },
});

/** The runner on a stub of its own for each thing it is asked, which does what the script in the config says. */
function createScriptedFivetran({ pool, databaseUrl }: OpenOptions) {
  const database = openDatabase(databaseUrl);
  /** Per staging schema, as Fivetran would keep it per connection. */
  const sources = new Map<string, Source>();

  async function asked<T>(spec: TapSpec, ask: (runner: Runner) => Promise<T>): Promise<T> {
    const schema = spec.stagingSchema ?? '';
    const source = sources.get(schema) ?? { bookmarks: {}, tables: new Set(), syncs: 0 };
    sources.set(schema, source);
    const stub = await startFivetranStub({ apiSecret: String(spec.config['api_secret']), schema });
    scriptStub(stub, spec, (steps) => playSync(database.sql, schema, source, stub, steps));
    const memory = { lastNudge: async () => null, lostLoads: async () => [] };
    const timing = { pollMs: 5, runTimeoutMs: 60_000 };
    try {
      return await ask(createFivetranRunner({ apiUrl: stub.url, pool, ...timing, ...memory }));
    } finally {
      await stub.close();
    }
  }

  const runner: Runner = {
    type: 'fivetran',
    assertTap() {},
    execute: (spec, hooks, signal) => asked(spec, (one) => one.execute(spec, hooks, signal)),
    check: (spec, hooks, signal) => asked(spec, (one) => one.check(spec, hooks, signal)),
    discover: (spec, hooks, signal) => asked(spec, (one) => one.discover(spec, hooks, signal)),
  };
  return { runner, close: () => database.close() };
}

interface Source {
  bookmarks: Partial<Record<StreamName, number>>;
  tables: Set<StreamName>;
  syncs: number;
}

function scriptStub(stub: FivetranStub, spec: TapSpec, play: (steps: SourceStep[]) => Promise<void>): void {
  const steps = stepsIn(spec.config as ScriptedConfig);
  const [first] = steps;
  if (first?.do === 'refuse') {
    const message = withPassword(first.message, spec);
    stub.replies = Array.from({ length: 3 }, () => ({ status: 401, body: { code: 'AuthFailed', message } }));
  }
  const columns = Object.fromEntries(
    Object.keys(FIELDS).map((name) => [
      name,
      { name_in_destination: name, enabled: true, is_primary_key: name === 'id' },
    ]),
  );
  const tables = Object.fromEntries(
    STREAMS.map((stream) => [stream, { name_in_destination: stream, enabled: true, columns }]),
  );
  stub.schemas = { schemas: { public: { name_in_destination: 'public', enabled: true, tables } } };
  const told = steps.map((step) =>
    'message' in step
      ? { ...step, message: withPassword(step.message, spec) }
      : 'text' in step
        ? { ...step, text: withPassword(step.text, spec) }
        : step,
  );
  stub.onSync = () => play(told);
}

function withPassword(text: string, { config }: TapSpec): string {
  return text.replaceAll('{password}', String(config['api_secret']));
}

/** One sync from its start to its end, which shows at the second look. */
async function playSync(sql: Sql, schema: string, source: Source, stub: FivetranStub, steps: SourceStep[]) {
  source.syncs += 1;
  const at = new Date(STARTED_AT + source.syncs * 60_000).toISOString();
  const destination = createFivetranDestination(sql, schema);
  const { status } = stub.connection;
  let end: 'succeeded_at' | 'failed_at' | null = 'succeeded_at';
  stub.become({ sync_state: 'syncing' });
  for (const step of steps) {
    if (step.do === 'rows') {
      if (!source.tables.has(step.stream)) await destination.create(step.stream, TABLE);
      source.tables.add(step.stream);
      const from = Math.max(step.from, (source.bookmarks[step.stream] ?? 0) + 1);
      await destination.sync(
        step.stream,
        TABLE,
        rowsOf(step.stream, from, step.to).map((row) => ({ ...row })),
        at,
      );
    }
    if (step.do === 'state') source.bookmarks[step.stream] = step.at;
    if (step.do === 'say') status.warnings.push({ code: 'log', message: step.text });
    if (step.do === 'fail') status.tasks.push({ code: 'failed', message: step.message });
    if (step.do === 'fail' || step.do === 'crash') end = 'failed_at';
    if (step.do === 'hang') end = null;
    if (end !== 'succeeded_at') break;
  }
  stub.onLook = (nth) => {
    if (nth === 2 && end !== null) stub.become({ sync_state: 'scheduled' }, { [end]: at });
  };
}
