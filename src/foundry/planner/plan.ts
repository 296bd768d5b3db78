import type { Catalog, FoundryTarget } from '../../domain/foundry/catalog.ts';
import type { Planned, Turn } from '../../domain/foundry/plan.ts';
import { createLexicon } from '../../matching/lexicon.ts';
import { readAll, rivalOf, scopesOf } from './choose.ts';
import { explain } from './explain.ts';
import { followUp, isFollowUp } from './follow-up.ts';
import { createLikeness, type Likeness } from './link/name-match.ts';
import type { Entry } from './link/scope.ts';
import { printQuery } from './print/print.ts';
import { type Prepared, prepare } from './question/prepare.ts';
import type { Understanding } from './read/read.ts';
import { root } from './words.ts';

export interface PlanQuestion {
  question: string;
  /** Earlier turns, oldest first. Only what the user asked is looked at. */
  context: readonly Turn[];
  catalog: Catalog;
  /** Preferred targets; empty: any. */
  sources: readonly FoundryTarget[];
  /** For "last month" and its like. */
  now: Date;
}

const LONGEST_QUESTION = 1_000;

/** Answers what it can read, word by word, by rules: no model. Pure and deterministic; a word it cannot explain makes it refuse. */
export function planQuestion({ question, context, catalog, sources, now }: PlanQuestion): Planned {
  if (question.length > LONGEST_QUESTION) return no('the question is too long to be read without a model');
  const lexicon = createLexicon(root);
  const likeness = createLikeness(lexicon);
  const ask = (text: string): Understanding[] => {
    const prepared = prepare(text, now);
    return readAll(prepared, scopesOf(catalog, sources, prepared, lexicon), sources, likeness);
  };
  const prepared = prepare(question, now);
  const earlier = context.filter((turn) => turn.role === 'user').map((turn) => turn.content);
  const alone = ask(question);
  const [best] = alone;
  if (!best) return no('there are no tables to ask');
  const hasContext = earlier.length > 0;
  const standsAlone = isWhole(best) && !isFollowUp(prepared.text);
  if (!hasContext || standsAlone) return settle(best, alone);
  const continued = resume(earlier, ask, now, likeness);
  if (!continued) return settle(best, alone);
  const changed = followUp(continued, prepared, likeness);
  return isClear(changed) || !isWhole(best) ? settle(changed, [changed]) : settle(best, alone);
}

/** The reading the last turns end in, each follow-up applied to the question it leans on. */
function resume(
  earlier: readonly string[],
  ask: (text: string) => Understanding[],
  now: Date,
  likeness: Likeness,
): Understanding | null {
  let held: Understanding | null = null;
  for (const text of earlier.slice(-4)) {
    const prepared: Prepared = prepare(text, now);
    const [alone] = ask(text);
    const whole: Understanding | null =
      alone && isWhole(alone) && !(held && isFollowUp(prepared.text)) ? alone : null;
    const changed: Understanding | null = !whole && held ? followUp(held, prepared, likeness) : null;
    held = whole ?? (changed && isClear(changed) ? changed : held);
  }
  return held;
}

function isClear(one: Understanding): boolean {
  return one.leftovers.length === 0 && one.problems.length === 0;
}

/** Asks for something of its own, and every word is explained. */
function isWhole(one: Understanding): boolean {
  const { measures, groups, columns, having, path } = one.draft;
  return (
    isClear(one) &&
    (path !== null || measures.length + groups.length + columns.length + having.length > 0 || one.namesTable)
  );
}

function settle(best: Understanding, all: readonly Understanding[]): Planned {
  if (best.leftovers.length > 0 || best.score <= 0) return no(unknownWords(best));
  if (best.problems.length > 0) return no(best.problems.join('; '));
  if (!isWhole(best)) return no('it does not say what to show');
  const [unsure] = best.ambiguous;
  if (unsure) return { kind: 'clarify', ask: whichColumn(unsure) };
  const rival = rivalOf(best, all);
  if (rival) {
    const names = [best, rival].map((one) => one.scope.root.table.name);
    return { kind: 'clarify', ask: `Which table do you mean: ${names.join(' or ')}?` };
  }
  const printed = printQuery(best);
  if ('problem' in printed) return no(printed.problem);
  return {
    kind: 'plan',
    plan: {
      target: best.scope.source.target,
      query: printed.query,
      explanation: explain(best),
      planner: 'built-in',
    },
  };
}

function whichColumn({ words, entries }: { words: string; entries: Entry[] }): string {
  const named = [...new Set(entries.map((entry) => `${entry.column.name} of ${placeName(entry)}`))].slice(
    0,
    6,
  );
  const last = named.pop() ?? '';
  return `Which column do you mean by "${words}": ${named.length > 0 ? `${named.join(', ')} or ${last}` : last}?`;
}

function placeName({ place }: Entry): string {
  const by = place.via?.columns.join(', ');
  return by === undefined ? place.table.name : `${place.table.name} (${by})`;
}

function unknownWords(best: Understanding): string {
  const words = [...new Set(best.leftovers)].slice(0, 5).map((word) => `"${word}"`);
  if (words.length === 0) return 'nothing in the catalog fits it';
  return `nothing in the catalog explains ${words.join(', ')}; the nearest table is ${best.scope.root.table.name}`;
}

function no(reason: string): Planned {
  return { kind: 'unanswerable', reason: `This cannot be answered by the built-in planner: ${reason}.` };
}
