import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { leaseProof, stagingSessionName } from '../../../src/db/queries/run-claims.ts';
import type { JsonText } from '../../../src/domain/lossless-json.ts';
import type { StatsByStream } from '../../../src/domain/stats.ts';
import { LostLeaseError } from '../../../src/errors.ts';
import type { ProbeHooks, RunHooks, RunOutcome, RunSpec, TapSpec } from '../../../src/ports/runner.ts';
import { insertConnector } from '../connectors.ts';
import { createTestDeps, type TestDeps } from '../context.ts';
import type { OpenRunner, RunnerUnderTest } from '../runner-contract.ts';
import { filesIn, processesOf } from './left-behind.ts';
import type { SourceStep } from './source-script.ts';

/** The runner under test, with connectors to run and what can be seen of its runs. */
export interface Bench extends OpenRunner {
  subject: RunnerUnderTest;
  deps: TestDeps;
  /** Every temporary folder of this process lies in it. */
  root: string;
  connector(tenantId?: string): Promise<TestConnector>;
  /** The spec of a new run of the connector, its row in the database claimed. */
  newRun(connector: TestConnector, steps: readonly SourceStep[], state?: JsonText | null): Promise<RunSpec>;
  execute(spec: RunSpec, options?: ExecuteOptions): Promise<Executed>;
  /** The same runner, which ends a tap that is silent for so long. */
  impatient(idleTimeoutMs: number): Promise<Bench>;
  /** Files in `root`, and processes of the runner that are still there. */
  leftBehind(): Promise<string[]>;
  close(): Promise<void>;
}

export type TestConnector = Awaited<ReturnType<typeof insertConnector>>;

export interface ExecuteOptions {
  signal?: AbortSignal;
  log?(line: string): void;
}

export interface Executed {
  outcome: RunOutcome;
  lines: string[];
  progress: StatsByStream[];
}

/** A part of the password that no other text on this machine has. */
export const MARK = randomBytes(6).toString('hex');
export const PASSWORD = `correct horse "${MARK}" & staple`;
const PATIENT_MS = 120_000;

/** A database and a temporary folder of its own, and the runner on them. */
export async function openBench(subject: RunnerUnderTest): Promise<Bench> {
  const deps = await createTestDeps();
  const before = process.env['TMPDIR'];
  const root = await mkdtemp(join(tmpdir(), 'ivory-contract-'));
  process.env['TMPDIR'] = root;
  const bench = await benchOn(subject, deps, root, PATIENT_MS);
  return {
    ...bench,
    async close() {
      await bench.close();
      await deps.close();
      if (before === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = before;
      await rm(root, { recursive: true, force: true });
    },
  };
}

async function benchOn(
  subject: RunnerUnderTest,
  deps: TestDeps,
  root: string,
  idleTimeoutMs: number,
): Promise<Bench> {
  const { pool } = deps.database;
  const opened = await subject.open({ pool, databaseUrl: deps.databaseUrl, idleTimeoutMs });
  return {
    ...opened,
    subject,
    deps,
    root,
    connector: (tenantId = 'acme') => insertConnector(deps, { tenantId, tapName: subject.tapName }),
    newRun: (connector, steps, state = null) =>
      newRun(deps, connector, {
        state,
        config: opened.config(steps, PASSWORD),
        tapVersion: subject.tapVersion ?? null,
      }),
    execute: (spec, options) => execute(deps, opened, spec, options),
    impatient: (silenceMs) => benchOn(subject, deps, root, silenceMs),
    leftBehind: async () => [...(await filesIn(root)), ...(await processesOf(root))],
    close: () => opened.close(),
  };
}

type Given = Pick<RunSpec, 'state' | 'config' | 'tapVersion'>;

async function newRun(deps: TestDeps, connector: TestConnector, given: Given): Promise<RunSpec> {
  const { sql } = deps.database;
  const { id: connectorId, tenantId, sourceSystem, tapName, stagingSchema } = connector;
  const runId = deps.newId();
  await sql`update etl.runner_jobs set status = 'completed' where connector_id = ${connectorId}`;
  const [run] = await sql<{ loadId: string }[]>`
    insert into etl.runner_jobs (id, tenant_id, connector_id, status, trigger, scheduled_for, fence, lease_until)
    values (${runId}, ${tenantId}, ${connectorId}, 'running', 'manual', clock_timestamp(), 1, now() + interval '1 hour')
    returning load_id as "loadId"`;
  return {
    ...given,
    tenantId,
    connectorId,
    sourceSystem,
    tapName,
    meltanoEnvironment: 'prod',
    runId,
    stagingSchema,
    stagingSession: stagingSessionName(runId),
    loadId: Number(run?.loadId),
  };
}

async function execute(
  { database }: TestDeps,
  { runner }: OpenRunner,
  spec: RunSpec,
  { signal = new AbortController().signal, log }: ExecuteOptions = {},
): Promise<Executed> {
  const lines: string[] = [];
  const progress: StatsByStream[] = [];
  const { text, parameters } = leaseProof({ tenantId: spec.tenantId, runId: spec.runId, fence: 1 });
  const hooks: RunHooks = {
    ...recorded(lines, log),
    progress: (stats) => void progress.push(structuredClone(stats)),
    async guardCommit(query) {
      if ((await query(text, parameters)).length === 0) throw new LostLeaseError(spec.runId);
    },
  };
  const outcome = await runner.execute(spec, hooks, signal);
  await database.sql`update etl.runner_jobs set status = 'completed' where id = ${spec.runId}`;
  return { outcome, lines, progress };
}

/** Hooks that keep what is logged. */
export function recorded(lines: string[], onLine: (line: string) => void = () => {}): ProbeHooks {
  return {
    log(line) {
      lines.push(line);
      onLine(line);
    },
  };
}

/** What a check or a discovery of this run's connector is asked with. */
export function tapOf({ runId: _run, state: _state, loadId: _load, ...tap }: RunSpec): TapSpec {
  return tap;
}
