import type { RefusedRecord } from '../domain/refused-record.ts';
import type { StreamStats } from '../domain/stats.ts';
import { createChunkPool } from './chunk-pool.ts';
import { asRefusal } from './database-refusal.ts';
import { quoted } from './identifiers.ts';
import { findOversizedRow, isOversized } from './oversized-row.ts';
import { singerError } from './refusal.ts';
import { textsOfRow } from './refused-texts.ts';
import { createRowBatch, type LanePart, type RowBatch, removeRow } from './row-batch.ts';
import { databaseCode, type StagingSession } from './staging-session.ts';
import type { StagingTable } from './staging-table.ts';

export interface BatchWriterHooks {
  onCommitted(stream: string, added: StreamStats): void;
  /** Called once its earlier records are durable. */
  onState(state: string): void;
  /** null: a refused record fails the load. */
  onRejected: ((rejection: RefusedRecord) => void) | null;
}

export interface BatchWriter {
  /** The batch that is filling. */
  readonly current: RowBatch;
  /** Hands the current batch to the database; resolves when the one before it is durable. One is written while the next fills. */
  flush(): Promise<void>;
  /** Resolves when everything handed over is durable. */
  drain(): Promise<void>;
  /** Resolves when nothing is being written any more, well or not. */
  settled(): Promise<void>;
  /** The first commit into this table also empties it (load_method overwrite). */
  emptyFirst(target: StagingTable): void;
}

const MAX_REFUSED_PER_BATCH = 1000;

export function createBatchWriter(session: StagingSession, hooks: BatchWriterHooks): BatchWriter {
  const toEmpty = new Map<string, StagingTable>();
  const pool = createChunkPool();
  let current = createRowBatch(pool);
  let inFlight: Promise<void> = Promise.resolve();

  async function flush(): Promise<void> {
    const previous = inFlight;
    const batch = current;
    current = createRowBatch(pool);
    inFlight = previous.then(() => commit(batch));
    inFlight.catch(() => {});
    await previous;
  }

  async function commit(batch: RowBatch): Promise<void> {
    const parts = batch.parts();
    if (parts.length > 0 || toEmpty.size > 0) await write(parts);
    for (const { lane, lines, sourceBytes } of parts)
      hooks.onCommitted(lane.plan.stream, { rows: lines.length, bytes: sourceBytes });
    if (batch.state !== null) hooks.onState(batch.state);
    batch.release();
  }

  async function write(parts: LanePart[]): Promise<void> {
    const refused: RefusedRecord[] = [];
    while (!(await attempt(parts, refused))) {
      if (refused.length > MAX_REFUSED_PER_BATCH) throw rejectionError(refused[0]);
    }
    toEmpty.clear();
    for (const rejection of refused) hooks.onRejected?.(rejection);
  }

  async function attempt(parts: LanePart[], refused: RefusedRecord[]): Promise<boolean> {
    const at: { part: LanePart | null } = { part: null };
    try {
      await session.transaction(async (tx) => {
        for (const target of toEmpty.values())
          await tx.run(`truncate table ${quoted(target.schema)}.${quoted(target.table)}`);
        for (const part of parts) {
          at.part = part;
          await tx.copy(
            appends(part) ? part.lane.statements.append : part.lane.statements.merge,
            part.chunks,
          );
        }
        at.part = null;
      });
      return true;
    } catch (error) {
      const { part } = at;
      if (part && metKnownKey(part, error)) return false;
      if (!part) throw error;
      const rejection = await rejectionOf(session, part, error);
      if (!rejection) throw asRefusal(error, 'singer.value_refused', placeOf(part, 0));
      if (hooks.onRejected === null) throw rejectionError(rejection, error);
      const { row, ...reason } = rejection;
      const text = removeRow(part, row);
      const columns = part.lane.plan.fields.map(({ name }) => name);
      refused.push({ ...reason, values: () => textsOfRow(text, columns) });
      return false;
    }
  }

  return {
    get current() {
      return current;
    },
    flush,
    async drain() {
      await flush();
      await inFlight;
    },
    settled: () => inFlight.catch(() => {}),
    emptyFirst: (target) => void toEmpty.set(`${target.schema}.${target.table}`, target),
  };
}

/** Rows without keys, and rows of a table that has met new keys only, go straight in: half the work of a merge. */
function appends({ lane }: LanePart): boolean {
  return lane.plan.keys.length === 0 || lane.target.expectNewKeys;
}

/** True, once for a table: a key came twice, so that from now on rows are merged. */
function metKnownKey({ lane }: LanePart, error: unknown): boolean {
  if (lane.plan.keys.length === 0 || !lane.target.expectNewKeys || databaseCode(error) !== '23505')
    return false;
  lane.target.expectNewKeys = false;
  return true;
}

type RefusedRow = Omit<RefusedRecord, 'values'> & { row: number };

/** The row a part was stopped by; null for a failure no row is to blame for. */
async function rejectionOf(
  session: StagingSession,
  part: LanePart,
  error: unknown,
): Promise<RefusedRow | null> {
  if (!(error instanceof Error)) return null;
  if (!isOversized(error)) return namedRow(part, error);
  const row = await findOversizedRow(session, part);
  return row === null ? null : refusedRow(part, row, null, error.message);
}

/** From the server's context ("COPY t, line 3, column a"). */
function namedRow(part: LanePart, error: Error): RefusedRow | null {
  const context: unknown = Reflect.get(error, 'where');
  const found = /^COPY [^\n]*, line (\d+)/m.exec(typeof context === 'string' ? context : '');
  const row = Number(found?.[1]) - 1;
  if (!(row in part.lines) || !/^2[23]/.test(databaseCode(error))) return null;
  return refusedRow(part, row, /, column (.*?): /.exec(String(context))?.[1] ?? null, error.message);
}

function refusedRow(part: LanePart, row: number, column: string | null, reason: string): RefusedRow {
  const message = column === null ? reason : `${column}: ${reason}`;
  return { row, ...placeOf(part, row), code: 'singer.value_refused', message, field: column };
}

function placeOf({ lane, lines }: LanePart, row: number) {
  return { stream: lane.plan.stream, line: lines[row] ?? 0 };
}

function rejectionError(rejection: Omit<RefusedRecord, 'values'> | undefined, cause?: unknown): Error {
  const { code, message, line, stream } = rejection ?? {
    code: 'singer.value_refused',
    message: '',
    line: 0,
    stream: null,
  };
  return singerError(code, { line, stream }, message, cause);
}
