import type { LanePart } from './row-batch.ts';
import { databaseCode, type StagingSession } from './staging-session.ts';

const NEWLINE = 10;

/** Class 54, program limits: the server meets a row that is too big when it writes many at once, and says the line of the last. */
export function isOversized(error: unknown): boolean {
  return databaseCode(error).startsWith('54');
}

/** The first row of a part that the server finds too big, found by halves in transactions that are taken back; null: none by itself. */
export async function findOversizedRow(session: StagingSession, part: LanePart): Promise<number | null> {
  const rows = rowsOf(part.chunks);
  let good = 0;
  let bad = rows.length;
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    if (await isRefused(session, part, rows.slice(good, middle))) bad = middle;
    else good = middle;
  }
  return (await isRefused(session, part, rows.slice(good, bad))) ? good : null;
}

async function isRefused(session: StagingSession, { lane }: LanePart, rows: Buffer[]): Promise<boolean> {
  const statement = lane.plan.keys.length === 0 ? lane.statements.append : lane.statements.merge;
  const takenBack = new Error('taken back');
  try {
    await session.transaction(async (tx) => {
      await tx.copy(statement, [Buffer.concat(rows)]);
      throw takenBack;
    });
  } catch (error) {
    if (isOversized(error)) return true;
    if (error !== takenBack) throw error;
  }
  return false;
}

/** Rows are separated by the only bare newlines in COPY text. */
function rowsOf(chunks: readonly Buffer[]): Buffer[] {
  const all = Buffer.concat(chunks);
  const rows: Buffer[] = [];
  for (let start = 0; start < all.length; ) {
    const end = all.indexOf(NEWLINE, start) + 1;
    rows.push(all.subarray(start, end));
    start = end;
  }
  return rows;
}
