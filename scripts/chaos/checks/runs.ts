import { BREAKER_THRESHOLD } from '../../../src/domain/connector-state.ts';
import type { Connector } from '../connectors.ts';
import { type Evidence, movedOn, nameOf, type RunRow } from '../evidence.ts';
import { isAtHead } from '../settle.ts';
import { type Check, check } from './check.ts';

const FINAL = ['completed', 'partial', 'failed', 'cancelled'];
/** Causes of a failed run that are the source's, or that operations.md says of our own. */
const CAUSES = ['tap.failed', 'tap.disk_limit', 'run.worker_lost', 'lakehouse.unavailable'];

export function checkRuns(connectors: readonly Connector[], evidence: Evidence): Check[] {
  return [
    everyRunIsFinal(evidence),
    oneAtATime(connectors, evidence.runs),
    counted(evidence),
    failuresHaveCauses(evidence),
    bookmarks(connectors, evidence),
    totals(connectors, evidence),
    breaker(connectors, evidence),
  ];
}

function everyRunIsFinal({ runs, history }: Evidence): Check {
  const told = new Map(history.map((row) => [row.id, row.status]));
  const details = runs.flatMap((run) => {
    if (!FINAL.includes(run.status)) return [`${run.id} is ${run.status}`];
    if (run.finishedAt === null || run.leaseUntil !== null) return [`${run.id} ended and still has a lease`];
    return told.get(run.id) === run.status
      ? []
      : [`${run.id} is ${run.status}, its history says ${told.get(run.id)}`];
  });
  const extra = history.length - runs.length;
  if (extra !== 0) details.push(`${history.length} rows of history for ${runs.length} runs`);
  return check(
    'every run has ended, and its history says how',
    tally(runs.map(({ status }) => status)),
    details,
  );
}

/** Between its first claim and its end a run has its connector for itself; a slot has one run. An external run says itself when it began. */
function oneAtATime(connectors: readonly Connector[], runs: readonly RunRow[]): Check {
  const details: string[] = [];
  const slots = new Set<string>();
  for (const [id, own] of Map.groupBy(runs, (run) => run.connectorId)) {
    const isExternal = connectors.some((one) => one.id === id && one.kind.runner === 'external');
    const timed = own
      .filter((run) => run.startedAt !== null && !isExternal)
      .sort((a, b) => Number(a.startedAt) - Number(b.startedAt));
    timed.forEach((run, at) => {
      const next = timed[at + 1];
      if (next?.startedAt && (run.finishedAt === null || next.startedAt < run.finishedAt))
        details.push(`${id}: run ${next.id} began before ${run.id} had ended`);
    });
    for (const run of own) {
      const slot = `${id} ${run.scheduledFor}`;
      if (slots.has(slot)) details.push(`two runs of ${slot}`);
      slots.add(slot);
    }
  }
  const again = runs.filter(({ fence }) => fence > 2).length;
  return check(
    'no two runs of a connector at once, none of a slot twice',
    `${runs.length} runs, ${again} taken up again`,
    details,
  );
}

function counted({ history }: Evidence): Check {
  const details = history.flatMap((run) => {
    const of = (key: 'read' | 'loaded' | 'rejected') =>
      run.tables.reduce((sum, table) => sum + table[key], 0);
    const wrong = run.tables.filter(({ read, loaded, rejected }) => read !== loaded + rejected);
    return [
      ...wrong.map(
        ({ table, read, loaded, rejected }) =>
          `${run.id} ${table}: ${read} read, ${loaded} loaded, ${rejected} rejected`,
      ),
      ...(run.rowsLoaded === of('loaded')
        ? []
        : [`${run.id}: ${run.rowsLoaded} loaded, its tables say ${of('loaded')}`]),
      ...(run.transformErrors === of('rejected')
        ? []
        : [`${run.id}: ${run.transformErrors} errors, its tables say ${of('rejected')}`]),
    ];
  });
  const read = history.flatMap(({ tables }) => tables).reduce((sum, table) => sum + table.read, 0);
  return check('read = loaded + rejected, in every run and table', `${read} rows read`, details);
}

function failuresHaveCauses({ history }: Evidence): Check {
  const failed = history.filter(({ status }) => status === 'failed');
  const external = (message: string | null) => message === 'the partner broke off';
  const details = failed
    .filter(({ errorCode, errorMsg }) => !CAUSES.includes(errorCode ?? '') && !external(errorMsg))
    .map(({ id, errorCode, errorMsg }) => `${id}: ${errorCode} ${errorMsg}`);
  return check(
    'a failed run failed for its source, or lost five workers',
    tally(failed.map(({ errorCode }) => errorCode ?? 'none')),
    details,
  );
}

function bookmarks(connectors: readonly Connector[], { rows }: Evidence): Check {
  const states = new Map(rows.map((row) => [row.id, row.tapState]));
  const alive = connectors.filter(({ isDeleted }) => !isDeleted);
  const details = alive
    .filter((connector) => !isAtHead(connector, JSON.parse(states.get(connector.id) ?? 'null')))
    .map(
      (connector) =>
        `${nameOf(connector)}: ${states.get(connector.id)}, not ${JSON.stringify(connector.now.heads)}`,
    );
  return check('every bookmark is the last version of its source', `${alive.length} states`, details);
}

function totals(connectors: readonly Connector[], { rows, history }: Evidence): Check {
  const details = rows.flatMap((row) => {
    const own = history.filter(({ connectorId }) => connectorId === row.id);
    const loaded = own.reduce((sum, { rowsLoaded }) => sum + rowsLoaded, 0);
    const name = connectors
      .filter(({ id }) => id === row.id)
      .map(nameOf)
      .join();
    return [
      ...(row.rowsTotal === loaded
        ? []
        : [`${name}: rows_total ${row.rowsTotal}, its runs loaded ${loaded}`]),
      ...(row.consecutiveFailures === 0
        ? []
        : [`${name}: ${row.consecutiveFailures} failures after a completed run`]),
    ];
  });
  const loaded = history.reduce((sum, { rowsLoaded }) => sum + rowsLoaded, 0);
  return check('totals and failures are what the runs say', `${loaded} rows loaded`, details);
}

/** A source that fails opens the breaker at the third time in a row, a resume closes it, and in the end the source is read. */
function breaker(connectors: readonly Connector[], { history, audit }: Evidence): Check {
  const failing = connectors.filter(({ kind, isDeleted }) => !isDeleted && (kind.tap.refusals ?? 0) > 0);
  let stopped = 0;
  const details = failing.flatMap((connector) => {
    const own = history.filter((run) => run.connectorId === connector.id && run.status !== 'cancelled');
    const inARow = own.findIndex(movedOn);
    const failed = own.slice(0, inARow).filter(({ status }) => status === 'failed').length;
    const resumed = audit.some(
      ({ subject, action }) => subject === connector.id && action === 'connector.resume',
    );
    if (failed >= BREAKER_THRESHOLD) stopped += 1;
    const isRight = inARow >= 0 && (failed < BREAKER_THRESHOLD || resumed);
    return isRight
      ? []
      : [`${nameOf(connector)}: ${failed} failed runs before the first that loaded, resumed: ${resumed}`];
  });
  return check(
    'a source that fails is stopped, resumed and caught up with',
    `${failing.length} such, ${stopped} stopped`,
    details,
  );
}

export function tally(words: readonly string[]): string {
  const counts = [...Map.groupBy(words, (word) => word)].map(([word, all]) => `${all.length} ${word}`);
  return counts.length === 0 ? 'none' : counts.join(', ');
}
