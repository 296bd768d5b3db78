import type { Ctx } from '../../context.ts';
import {
  deleteRefusedRecords,
  insertRejectedRows,
  type NewRejectedRow,
} from '../../db/queries/rejected-rows.ts';
import { holdRun, type RunRow } from '../../db/queries/run-claims.ts';
import { type RefusedRecord, refusedRowKey } from '../../domain/refused-record.ts';
import { LostLeaseError } from '../../errors.ts';
import type { RunRecord } from './run-record.ts';

/** Takes the records a source delivered that could not be staged, and puts them on the list of rejected rows. */
export interface RefusedRecords {
  take(record: RefusedRecord): void;
  /** Resolves when all that were taken are stored. Throws LostLeaseError, and what the database threw. */
  stored(): Promise<void>;
}

/** Of one run; the others are counted only. */
const MOST_KEPT = 1000;
const BATCH = 100;

/** Forgets what an earlier attempt of the run had taken. The first of each stream is told in the log. */
export async function openRefusedRecords(ctx: Ctx, run: RunRow, record: RunRecord): Promise<RefusedRecords> {
  const owner = { tenantId: run.tenantId, connectorId: run.connectorId, runId: run.id };
  const told = new Set<string>();
  let waiting: NewRejectedRow[] = [];
  let kept = 0;
  let storing: Promise<void> = Promise.resolve();
  if (run.fence > 1) await deleteRefusedRecords(ctx.database.db, owner);

  function store(): void {
    const rows = waiting;
    waiting = [];
    storing = storing.then(() => insert(ctx, run, rows));
    // whoever asks whether they are stored is told
    storing.catch(() => {});
  }

  return {
    take(refused) {
      if (!told.has(refused.stream)) {
        told.add(refused.stream);
        record.say(`line ${refused.line} of ${refused.stream} was refused: ${refused.message}`);
      }
      if (kept === MOST_KEPT) return;
      kept += 1;
      waiting.push({ ...owner, ...rowOf(refused) });
      if (waiting.length === BATCH) store();
    },
    async stored() {
      if (waiting.length > 0) store();
      await storing;
    },
  };
}

function insert(ctx: Ctx, { id: runId, tenantId, fence }: RunRow, rows: NewRejectedRow[]): Promise<void> {
  return ctx.database.db.transaction(async (tx) => {
    if (!(await holdRun(tx, { tenantId, runId, fence }))) throw new LostLeaseError(runId);
    await insertRejectedRows(tx, rows);
  });
}

function rowOf({ stream, line, field, message, values }: RefusedRecord) {
  return {
    stream: stream.replaceAll('\0', ''),
    rowKey: refusedRowKey(line),
    row: JSON.stringify(values()),
    column: (field ?? '').replaceAll('\0', ''),
    expression: null,
    error: message.replaceAll('\0', ''),
  };
}
