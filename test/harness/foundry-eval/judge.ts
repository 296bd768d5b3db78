import type { Catalog } from '../../../src/domain/foundry/catalog.ts';
import type { Planned, Turn } from '../../../src/domain/foundry/plan.ts';
import type { EvalStore } from './postgres-store.ts';
import type { EvalQuestion } from './questions.ts';

/** Any planner: the built-in one, or one that asks a model. */
export type EvalPlanner = (asked: {
  question: string;
  context: Turn[];
  catalog: Catalog;
}) => Planned | Promise<Planned>;

export interface Judged {
  asked: EvalQuestion;
  planned: Planned;
  /** answered: with a query. right: that gives a right answer. declined: rightly asked back or refused. */
  verdict: 'right' | 'wrong' | 'declined' | 'refused';
  note: string;
}

/** Plans one question, runs what was planned and every right query, and compares the answers. */
export async function judge(
  asked: EvalQuestion,
  plan: EvalPlanner,
  catalog: Catalog,
  store: EvalStore,
): Promise<Judged> {
  const context = asked.context.map((content): Turn => ({ role: 'user', content }));
  const planned = await plan({ question: asked.question, context, catalog });
  if (planned.kind !== 'plan') {
    const isRight = asked.accepts !== null && (asked.gold.length === 0 || planned.kind === 'clarify');
    return {
      asked,
      planned,
      verdict: isRight ? 'declined' : 'refused',
      note: planned.kind === 'clarify' ? planned.ask : planned.reason,
    };
  }
  try {
    const answer = await store.run(planned.plan.query);
    for (const gold of asked.gold) {
      const isOrdered = /order by (?!.*\) *x?$)/i.test(gold) && /\blimit \d+$/i.test(gold);
      if (sameAnswer(answer, await store.run(gold), isOrdered))
        return { asked, planned, verdict: 'right', note: '' };
    }
    return { asked, planned, verdict: 'wrong', note: planned.plan.query };
  } catch (error) {
    return {
      asked,
      planned,
      verdict: 'wrong',
      note: `${planned.plan.query} -- ${error instanceof Error ? error.message : error}`,
    };
  }
}

/** Same rows, in any order of columns; in the same order only up to ties of a ranking. */
export function sameAnswer(
  answer: readonly unknown[][],
  right: readonly unknown[][],
  isRanked: boolean,
): boolean {
  if (answer.length !== right.length) return false;
  if (right.length === 0) return true;
  const width = right[0]?.length ?? 0;
  const own = answer[0]?.length ?? 0;
  if (own < width) return false;
  return columnsIn(own, width).some((order) => {
    const rows = answer.map((row) => order.map((at) => plain(row[at])));
    const wanted = right.map((row) => row.map(plain));
    if (equalBags(rows, wanted)) return true;
    return (
      isRanked &&
      equalBags(
        rows.map((row) => [row.at(-1) ?? '']),
        wanted.map((row) => [row.at(-1) ?? '']),
      )
    );
  });
}

function equalBags(a: readonly string[][], b: readonly string[][]): boolean {
  const key = (rows: readonly string[][]) =>
    rows
      .map((row) => row.join('\u0001'))
      .sort()
      .join('\u0002');
  return key(a) === key(b);
}

/** Ways to choose `width` of `count` columns, in any order; a wider answer may hold the right one. */
function columnsIn(count: number, width: number): number[][] {
  if (count > 5) return count === width ? [[...Array(count).keys()]] : [];
  if (width === 0) return [[]];
  return columnsIn(count, width - 1).flatMap((order) =>
    [...Array(count).keys()].filter((at) => !order.includes(at)).map((at) => [...order, at]),
  );
}

function plain(value: unknown): string {
  if (value === null || value === undefined) return '∅';
  if (value instanceof Date) return value.toISOString().replace(/T00:00:00.000Z$/, '');
  const text = String(value);
  const number = Number(text);
  return text.trim() !== '' && Number.isFinite(number) ? String(Number(number.toPrecision(9))) : text;
}
