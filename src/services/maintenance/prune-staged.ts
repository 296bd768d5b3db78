import type { Deps } from '../../context.ts';
import { briefly } from '../../db/queries/prune.ts';
import {
  type ClaimedStaging,
  claimStagings,
  deleteSpentRows,
  findNewestLoad,
  findOldestRejected,
  findSpentRows,
  type LoadRange,
  noteConnectors,
  releaseStagings,
  settleStaging,
} from '../../db/queries/prune-staged.ts';
import { LOAD_COLUMN, listStagedTables, type StagedTable } from '../../db/queries/staging.ts';
import type { Kind } from './prune-step.ts';

/** Rows of one statement. */
const BATCH = 1_000;
/** Places found by one look at a table. */
const FOUND = 10_000;
/** Connectors taken at once: most have nothing that is old enough. */
const CLAIM = 200;

interface Work {
  staging: ClaimedStaging;
  /** What is left to look through, the present one first; null: not known yet. */
  tables: { table: StagedTable; range: LoadRange }[] | null;
  /** Places in the present table that are not tried yet. */
  places: string[];
  /** The present table holds more than was found. */
  more: boolean;
  /** How far all tables could be looked through. */
  upTo: number;
}

/**
 * Deletes staged rows that are in the lakehouse for as long as said and that no unfinished run, no replay and no later load can need
 * (docs/operations.md). Connectors take turns, some rows each; one that was looked through rests for about a day.
 */
export function stagedRowStep(deps: Deps, keepMs: number): Kind {
  const { db } = deps.database;
  const before = new Date(deps.now().getTime() - keepMs);
  const turns: Work[] = [];
  let noted = false;
  return {
    async step() {
      if (!noted) await briefly(db, noteConnectors);
      noted = true;
      const work = turns.shift();
      if (work) {
        const rows = await goOn(deps, work, (again) => turns.push(again));
        return { rows, more: true };
      }
      const page = await briefly(db, (tx) => claimStagings(tx, { before, limit: CLAIM }));
      turns.push(...page.claimed.map(begin));
      return { rows: 0, more: page.more || turns.length > 0 };
    },
    async release() {
      const ids = turns.splice(0).map(({ staging }) => staging.connectorId);
      if (ids.length > 0) await briefly(db, (tx) => releaseStagings(tx, ids));
    },
  };
}

function begin(staging: ClaimedStaging): Work {
  return { staging, tables: null, places: [], more: false, upTo: staging.upTo };
}

/** One statement's worth. A connector whose staging fails is left until its next turn, and keeps nobody waiting. */
async function goOn(deps: Deps, work: Work, again: (work: Work) => void): Promise<number> {
  try {
    work.tables ??= await openTables(deps, work);
    const rows = await pruneSome(deps, work);
    if (work.tables.length > 0) again(work);
    else await briefly(deps.database.db, (tx) => settleStaging(tx, work.staging.connectorId, work.upTo));
    return rows;
  } catch (error) {
    deps.log.debug(
      { event: 'staging.not_pruned', connector_id: work.staging.connectorId, err: error },
      'staging could not be pruned now',
    );
    return 0;
  }
}

async function openTables(deps: Deps, work: Work): Promise<NonNullable<Work['tables']>> {
  const { connectorId, schema, from, upTo } = work.staging;
  const tables: NonNullable<Work['tables']> = [];
  for (const table of await listStagedTables(deps.database.sql, schema)) {
    const { stream } = table;
    if (stream === null || table.adopted || !table.columns.some(({ name }) => name === LOAD_COLUMN)) continue;
    const [newest, rejected] = await briefly(deps.database.db, async (tx) => [
      await findNewestLoad(tx, table),
      await findOldestRejected(tx, { connectorId, stream }),
    ]);
    if (newest === null) continue;
    // a mapping is proposed on values of the newest load; a replay finds its rows from the oldest rejected one on
    const last = Math.min(upTo, newest - 1, (rejected ?? Number.POSITIVE_INFINITY) - 1);
    work.upTo = Math.min(work.upTo, last);
    if (last > from) tables.push({ table, range: { from, upTo: last } });
  }
  return tables;
}

async function pruneSome({ database: { db } }: Deps, work: Work): Promise<number> {
  const [present] = work.tables ?? [];
  if (!present) return 0;
  const { table, range } = present;
  if (work.places.length === 0) {
    work.places = await briefly(db, (tx) => findSpentRows(tx, table, range, FOUND));
    work.more = work.places.length === FOUND;
  }
  const places = work.places.splice(0, BATCH);
  const rows = places.length === 0 ? 0 : await briefly(db, (tx) => deleteSpentRows(tx, table, range, places));
  // what somebody holds is looked for again another day
  if (rows < places.length) work.upTo = work.staging.from;
  const isStuck = rows === 0 && work.places.length === 0;
  if (work.places.length === 0 && (!work.more || isStuck)) work.tables?.shift();
  return rows;
}
