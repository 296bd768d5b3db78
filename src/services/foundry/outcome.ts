import type { Ctx } from '../../context.ts';
import type { AnswerEnd } from '../../db/queries/foundry-answers.ts';
import type { FoundryTarget } from '../../domain/foundry/catalog.ts';
import type { Plan } from '../../domain/foundry/plan.ts';
import { type JsonValue, jsonValue } from '../../foundry/values/json-value.ts';
import type { Attempt } from './attempt.ts';
import type { Asked, Found, Search } from './find-answer.ts';
import type { TenantCatalog } from './schema.ts';
import { tellAnswer } from './tell-answer.ts';

export interface FoundryAnswer {
  id: string;
  question: string;
  /** null: there was none. `sql` is what ran, or was refused. */
  plan: { target: FoundryTarget; sql: string; explanation: string; planner: Plan['planner'] } | null;
  columns: string[];
  /** null: no answer. In the order of the columns. */
  result: JsonValue[][] | null;
  rowCount: number;
  /** There were, or may have been, more rows. */
  truncated: boolean;
  /** One to three sentences; a question back; null with an error. */
  narrative: string | null;
  durationMs: number;
  error: { code: string; message: string } | null;
  /** Stores that did not answer when the catalog was read. */
  unavailable: FoundryTarget[];
  notes: string[];
}

/** How a question ended, and what its asker gets to see. */
export type Outcome = { kind: Exclude<AnswerEnd['outcome'], 'asking'> } & Omit<
  FoundryAnswer,
  'id' | 'question' | 'durationMs' | 'notes'
>;

export const NOTHING = {
  plan: null,
  columns: [],
  result: null,
  rowCount: 0,
  truncated: false,
  narrative: null,
  error: null,
  unavailable: [],
};
interface Ended {
  found: Found;
  search: Search;
  signal: AbortSignal;
  known: TenantCatalog;
}

/** Makes of what was found what the asker gets to see. Throws an aborted signal's reason. */
export async function outcomeOf(
  ctx: Ctx,
  asked: Asked,
  { found, search, signal, known }: Ended,
): Promise<Outcome> {
  switch (found.kind) {
    case 'clarify':
      return { kind: 'clarified', ...NOTHING, narrative: found.ask };
    case 'unanswerable':
      return { kind: 'unanswerable', ...NOTHING, error: unanswerable(found.reason, known, search) };
    case 'attempted':
      return attemptedOutcome(ctx, asked, found.attempt, search, signal);
  }
}

function unanswerable(reason: string, { catalog }: TenantCatalog, { notes }: Search) {
  const away = catalog.sources.flatMap(({ target, available }) => (available ? [] : [target]));
  const missing = away.length === 0 ? [] : [`${away.join(', ')} cannot be reached: the answer may be there.`];
  const message = [asSentence(reason), ...missing, ...notes].join(' ');
  return { code: 'foundry.unanswerable', message };
}

async function attemptedOutcome(
  ctx: Ctx,
  { id, question }: Asked,
  attempt: Attempt,
  { withoutModel }: Search,
  signal: AbortSignal,
): Promise<Outcome> {
  const { target, explanation, planner } = attempt.plan;
  const planOf = (sql: string) => ({ target, sql, explanation, planner });
  if (attempt.kind !== 'answered') {
    const { kind, code, message, plan } = attempt;
    return { kind, ...NOTHING, plan: planOf(plan.query), error: { code, message } };
  }
  const { answer, query } = attempt;
  const columns = answer.columns.map(({ name }) => name);
  const rows = answer.rows.map((row) => row.map(jsonValue));
  const { truncated } = answer;
  const telling = { id, question, query, explanation, columns, rows, truncated, withoutModel };
  return {
    kind: 'answered',
    ...NOTHING,
    plan: planOf(query),
    columns,
    result: rows,
    rowCount: rows.length,
    truncated,
    narrative: await ctx.tracing.span('foundry.narrative', {}, () => tellAnswer(ctx, telling, signal)),
  };
}

/** Why nothing can be asked about. */
export function nothingThere(unavailable: readonly FoundryTarget[]) {
  const message =
    unavailable.length === 0
      ? 'There is no table to ask about yet: load one with a connector first.'
      : `No store can be reached (${unavailable.join(', ')}); try again later.`;
  const code = unavailable.length === 0 ? 'foundry.no_tables' : 'foundry.store_unavailable';
  return { code, message };
}

function asSentence(text: string): string {
  const trimmed = text.trim();
  return trimmed.charAt(0).toUpperCase() + trimmed.slice(1) + (/[.!?…]$/.test(trimmed) ? '' : '.');
}
