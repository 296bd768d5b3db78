import type { StagedSamples } from '../../db/queries/staged-samples.ts';
import type { ProposedMapping } from '../../domain/mapping.ts';
import type { ExpressionEngine } from '../../ports/expressions.ts';
import type { Draft } from './proposals.ts';
import { soleKeyOf } from './sole-key.ts';
import { type Trial, tryMapping } from './try-mapping.ts';

/** Each is one message to a thread; more at once would only wait there. */
const AT_ONCE = 20;

/** What would reject every value is not applied before somebody has looked at it. */
const UNFIT = 0.65;

interface Candidate {
  transformFn: string | null;
  note: string;
}

/** Tries every draft on what is staged. A transform that fails on most of it is left out, and the reason says so. */
export async function settleDrafts(
  engine: ExpressionEngine,
  drafts: readonly Draft[],
  staged: StagedSamples,
  signal: AbortSignal,
): Promise<ProposedMapping[]> {
  const soleKey = soleKeyOf(
    drafts.map(({ proposal }) => proposal),
    staged,
  );
  const settled: ProposedMapping[] = [];
  for (let at = 0; at < drafts.length; at += AT_ONCE) {
    signal.throwIfAborted();
    const some = drafts.slice(at, at + AT_ONCE);
    settled.push(...(await Promise.all(some.map((draft) => settle(engine, draft, staged, soleKey)))));
  }
  return settled;
}

async function settle(
  engine: ExpressionEngine,
  { proposal, isDecided, fallback }: Draft,
  staged: StagedSamples,
  soleKey: string | null,
): Promise<ProposedMapping> {
  const field = staged.fields.get(proposal.sourceField);
  const attempt = (transformFn: string | null) =>
    tryMapping(engine, { ...proposal, transformFn, isSoleKey: proposal.targetColumn === soleKey }, field);
  const trial = await attempt(proposal.transformFn);
  const finish = (
    { transformFn, note }: Candidate,
    { examples, warnings, neverFits }: Trial,
  ): ProposedMapping => ({
    ...proposal,
    transformFn,
    confidenceScore: neverFits ? Math.min(proposal.confidenceScore, UNFIT) : proposal.confidenceScore,
    reason: [proposal.reason, note, neverFits ? 'No value fits without a transform.' : '']
      .filter(Boolean)
      .join(' '),
    examples,
    warnings,
  });
  const own = { transformFn: proposal.transformFn, note: '' };
  if (isDecided || trial.rejected === 0) return finish(own, trial);
  const failsMostly = proposal.transformFn !== null && trial.rejected * 2 > trial.tried;
  const left = failsMostly
    ? `A transform was left out: it fails on ${trial.rejected} of ${trial.tried} sample values (${trial.error}).`
    : '';
  if (fallback && fallback.expression !== proposal.transformFn) {
    const other = await attempt(fallback.expression);
    if (other.rejected < trial.rejected && other.rejected * 2 <= other.tried)
      return finish({ transformFn: fallback.expression, note: `${left} ${fallback.note}`.trim() }, other);
  }
  return failsMostly ? finish({ transformFn: null, note: left }, await attempt(null)) : finish(own, trial);
}
