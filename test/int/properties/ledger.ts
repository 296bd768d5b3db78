import { inArray } from 'drizzle-orm';
import { expect } from 'vitest';
import { connectors as connectorTable, runnerJobs, syncRuns } from '../../../src/db/schema/index.ts';
import { isFinished } from '../../../src/domain/run-state.ts';
import type { Step } from './steps.ts';
import { claimedUnder, type World } from './world.ts';

type ConnectorRow = typeof connectorTable.$inferSelect;
type Run = typeof syncRuns.$inferSelect;

/** What a connector's row must say, worked out again from nothing but the runs that ended and the calls that were made. */
interface Account {
  failures: number;
  rows: number;
  state: string | null;
  version: number;
  status: ConnectorRow['status'];
}

export type Ledger = Map<string, Account>;

export function newLedger({ connectors }: World): Ledger {
  const empty: Account = { failures: 0, rows: 0, state: null, version: 0, status: 'active' };
  return new Map(connectors.map((id) => [id, { ...empty }]));
}

/** Reads everything after a step (or several at once: then `step` is null) and holds it against itself and against the ledger. */
export async function audit(
  world: World,
  ledger: Ledger,
  seen: Set<string>,
  step: Step | null,
): Promise<void> {
  const { db } = world.deps.database;
  const rows = await db.select().from(connectorTable).where(inArray(connectorTable.id, world.connectors));
  const jobs = await db.select().from(runnerJobs).where(inArray(runnerJobs.connectorId, world.connectors));
  const runs = await db.select().from(syncRuns).where(inArray(syncRuns.connectorId, world.connectors));
  expect(world.thefts).toEqual([]);
  assertOneHistoryRowEach(jobs, runs);
  const states = new Map(jobs.map(({ id, reportedState }) => [id, reportedState]));
  for (const [id, account] of ledger) {
    const row = rows.find((connector) => connector.id === id);
    const own = runs.filter(({ connectorId }) => connectorId === id);
    if (!row) ledger.delete(id);
    else {
      assertSlot(row);
      expect(row.rowsTotal, 'rows_total is the sum over the runs').toBe(
        sum(own.map(({ rowsLoaded }) => rowsLoaded)),
      );
      if (row.status !== 'active') world.promised.delete(id);
      if (step)
        settle(
          account,
          row,
          own.filter((run) => !seen.has(run.id)),
          states,
          step,
        );
    }
  }
  for (const { id } of rows) expect(ledger.has(id), 'a deleted connector is not revived').toBe(true);
  for (const { id } of runs) seen.add(id);
}

function assertOneHistoryRowEach(jobs: (typeof runnerJobs.$inferSelect)[], runs: Run[]): void {
  const ended = jobs.filter(({ status }) => isFinished(status));
  expect(
    runs.map(({ id, status }) => `${id} ${status}`).sort(),
    'one history row for each run that ended, and for no other',
  ).toEqual(ended.map(({ id, status }) => `${id} ${status}`).sort());
  for (const { errorMsg, fence } of ended)
    if (errorMsg?.startsWith('claimed'))
      expect(errorMsg, 'a report counts only from the worker that holds the run').toBe(
        claimedUnder(fence - 1),
      );
  const unfinished = jobs.filter(({ status }) => !isFinished(status)).map(({ connectorId }) => connectorId);
  expect(new Set(unfinished).size, 'never two unfinished runs of a connector').toBe(unfinished.length);
}

function assertSlot({ status, nextRunAt, nextTrigger }: ConnectorRow): void {
  expect(nextRunAt !== null, `a slot is set exactly while active (${status})`).toBe(status === 'active');
  if (status !== 'active') expect(nextTrigger).toBeNull();
}

function settle(
  account: Account,
  row: ConnectorRow,
  ended: Run[],
  states: Map<string, string | null>,
  step: Step,
): void {
  for (const run of ended) book(account, run, states.get(run.id) ?? null);
  if (step.do === 'api') bookCall(account, row, step.call);
  expect({
    failures: row.consecutiveFailures,
    rows: row.rowsTotal,
    state: row.tapState,
    version: row.stateVersion,
    status: row.status,
  }).toEqual(account);
}

function book(account: Account, run: Run, state: string | null): void {
  account.rows += run.rowsLoaded;
  const keeps = run.status === 'completed' || run.status === 'partial';
  if (keeps && state !== null && state !== '{}') {
    account.state = state;
    account.version += 1;
  }
  if (run.status === 'completed') account.failures = 0;
  if (run.status !== 'failed' || run.errorCode === 'run.worker_lost') return;
  account.failures += 1;
  if (account.failures >= 3) account.status = 'error';
}

/** A call whose process was killed may have been carried out or not: the row tells which, and nothing between. */
function bookCall(account: Account, row: ConnectorRow, call: string): void {
  if ((call === 'pause' || call === 'remove') && row.status === 'paused') account.status = 'paused';
  if (call === 'resume' && account.status !== 'active' && row.status === 'active') {
    account.status = 'active';
    account.failures = 0;
  }
  if (call === 'putState' && row.stateVersion === account.version + 1) {
    account.version += 1;
    account.state = '{"put":true}';
  }
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, n) => total + n, 0);
}
