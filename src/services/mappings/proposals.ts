import type { Decision } from '../../db/queries/field-mappings.ts';
import type { StagedField } from '../../db/queries/staged-samples.ts';
import { CONFIDENCE, type FieldProfiles, type ProposedMapping } from '../../domain/mapping.ts';
import { AppError, messageOf } from '../../errors.ts';
import { type Match, matchFields } from '../../matching/match.ts';
import { namedFields } from '../../matching/reason.ts';
import { proposeTransform } from '../../matching/transforms.ts';

export interface ProposalInput {
  source: FieldProfiles;
  target: FieldProfiles;
  /** What is staged of each field; a field that never was is absent. */
  staged: ReadonlyMap<string, StagedField>;
  decisions: readonly Decision[];
  reserved: ReadonlySet<string>;
  context: readonly string[];
  /** Throws AppError when the sandbox refuses the expression. */
  check(expression: string): void;
}

/** What a model chose for a field; null: it says no column fits. */
export type ModelChoice = {
  column: string;
  confidence: number;
  transform: string | null;
  reason: string;
} | null;

/** A proposal whose transform is still to be tried. */
export interface Draft {
  proposal: Omit<ProposedMapping, 'examples' | 'warnings'>;
  /** A reviewer chose the transform: it stays, whatever it does. */
  isDecided: boolean;
  /** What the samples suggest, should a model's transform not do. */
  fallback: { expression: string; note: string } | null;
}

/** One proposal a field: the model's choice where it was asked and answered, the matcher's for all others. */
export function draftsFrom(input: ProposalInput, model: ReadonlyMap<string, ModelChoice> | null): Draft[] {
  const matches = matchesOf(input);
  if (model === null) return matches.map((match) => fromMatch(input, match));
  const decided = new Set(
    matches.filter((match) => isDecided(input, match)).map((match) => match.sourceField),
  );
  const chosen = [...model].flatMap(([field, choice]) =>
    choice === null || decided.has(field) ? [] : [fromModel(input, matches, field, choice)],
  );
  const rest = matches.filter(({ sourceField }) => decided.has(sourceField) || !model.has(sourceField));
  return oneForEachColumn([...rest.map((match) => fromMatch(input, match)), ...chosen]);
}

/** The matcher's answer; fields with a decision of the tenant's reviewers get that. */
function matchesOf({ source, target, decisions, reserved, context }: ProposalInput): Match[] {
  return matchFields(source, target, {
    context,
    reserved,
    decided: new Map(decisions.map((decision) => [decision.sourceField, decision.targetColumn])),
  });
}

function fromMatch(input: ProposalInput, match: Match): Draft {
  const { sourceField, targetColumn, confidenceScore, alternatives } = match;
  const decision = isDecided(input, match) ? decisionFor(input, sourceField) : undefined;
  const transform = decision
    ? { expression: decision.transformFn, note: null }
    : suggested(input, sourceField, targetColumn);
  const { expression, note } = checked(input, transform.expression, transform.note);
  const proposal = {
    ...describe(input, sourceField, targetColumn),
    transformFn: expression,
    llmMapped: false,
    confidenceScore,
    reason: [match.reason, note].filter(Boolean).join(' '),
    alternatives,
  };
  return { proposal, isDecided: decision !== undefined, fallback: null };
}

function fromModel(
  input: ProposalInput,
  matches: readonly Match[],
  field: string,
  choice: NonNullable<ModelChoice>,
): Draft {
  const { expression, note } = checked(input, choice.transform, null);
  const match = matches.find(({ sourceField }) => sourceField === field);
  const alternatives = [
    ...(match ? [{ column: match.targetColumn, score: match.confidenceScore }, ...match.alternatives] : []),
  ].filter(({ column }) => column !== choice.column);
  const proposal = {
    ...describe(input, field, choice.column),
    transformFn: expression,
    llmMapped: true,
    confidenceScore: choice.confidence,
    reason: [choice.reason, note].filter(Boolean).join(' '),
    alternatives: alternatives.slice(0, 3),
  };
  const other = suggested(input, field, choice.column);
  const fallback =
    other.expression === null ? null : { expression: other.expression, note: other.note ?? '' };
  return { proposal, isDecided: false, fallback };
}

function suggested({ source, target, staged }: ProposalInput, field: string, column: string) {
  const seen = staged.get(field);
  return proposeTransform(
    {
      ...source[field],
      name: field,
      ...(seen ? { stagingType: seen.stagingType, samples: seen.texts } : {}),
    },
    { name: column, ...target[column] },
  );
}

function describe({ source, target }: ProposalInput, sourceField: string, targetColumn: string) {
  return {
    sourceField,
    sourceType: source[sourceField]?.type ?? 'string',
    targetColumn,
    targetType: target[targetColumn]?.type ?? 'string',
    isKey: target[targetColumn]?.isKey ?? false,
  };
}

/** Nothing is proposed that the sandbox would refuse when it is saved or run. */
function checked({ check }: ProposalInput, expression: string | null, note: string | null) {
  if (expression === null || expression.trim() === '') return { expression: null, note };
  try {
    check(expression);
    return { expression, note };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { expression: null, note: `A transform was left out: ${messageOf(error)}` };
  }
}

/** Of several fields for one column the surest keeps it and names the others; the order stays. */
function oneForEachColumn(drafts: readonly Draft[]): Draft[] {
  const byColumn = Map.groupBy(drafts, ({ proposal }) => proposal.targetColumn.toLowerCase());
  return drafts.flatMap((draft) => {
    const wanting = byColumn.get(draft.proposal.targetColumn.toLowerCase()) ?? [];
    const [best, ...others] = wanting.toSorted(
      (a, b) => b.proposal.confidenceScore - a.proposal.confidenceScore,
    );
    if (best !== draft) return [];
    if (others.length === 0) return [draft];
    const names = namedFields(others.map(({ proposal }) => proposal.sourceField));
    const reason = `${draft.proposal.reason} ${names} would have gone to the same column, less surely.`;
    return [{ ...draft, proposal: { ...draft.proposal, reason } }];
  });
}

function isDecided(input: ProposalInput, { sourceField, targetColumn, confidenceScore }: Match): boolean {
  return (
    confidenceScore === CONFIDENCE.exact && decisionFor(input, sourceField)?.targetColumn === targetColumn
  );
}

function decisionFor({ decisions }: ProposalInput, field: string): Decision | undefined {
  return decisions.find(({ sourceField }) => sourceField === field);
}
