/** Those that come along; an operator may add others. */
export const CANONICAL_SCHEMAS = ['dm', 'md', 'ci', 'pm'] as const;
/** The target_schema of a table that target_schema_def describes. */
export const CUSTOM_SCHEMA = 'custom';

/** Below this a mapping needs review and is not applied until reviewed. */
export const REVIEW_THRESHOLD = 0.7;

/** The documented bands of confidence; anything lower is uncertain. */
export const CONFIDENCE = { exact: 1, semantic: 0.9, inferred: 0.7 } as const;

/** A field or column as a matcher sees it. Everything but the name may be unknown. */
export interface FieldProfile {
  type?: string;
  description?: string;
  samples?: readonly unknown[];
  /** Other names the column is known by. */
  aliases?: readonly string[];
  isKey?: boolean;
}
export type FieldProfiles = Record<string, FieldProfile>;

/** What POST map-fields asks of the mapping pool. */
export interface MappingRequest {
  sourceStream: string;
  /** field -> type, in the caller's order */
  sourceSchema: Record<string, string>;
  /** A canonical schema, or "custom". */
  targetSchema: string;
  targetTable: string;
  /** column -> type; absent: the canonical schema's table */
  targetSchemaDef?: Record<string, string>;
}

/** A value as the source has it and what the transform makes of it, both as text to read; `error` where it fails. */
export interface TransformExample {
  input: string;
  output: string | null;
  error?: string;
}

/** What discovery found to differ from what the mapping was made for. */
export type MappingDrift =
  | (DriftNoticed & { kind: 'field_removed'; from?: string | undefined })
  | (DriftNoticed & { kind: 'type_changed'; from: string; to: string });

interface DriftNoticed {
  /** ISO 8601 */
  since: string;
  /** What told of it. */
  by?: 'discover' | 'run' | undefined;
}

export const MAPPING_ACTIONS = [
  'proposed',
  'replaced',
  'withdrawn',
  'approved',
  'unapproved',
  'updated',
  'removed',
  'flagged',
  'unflagged',
] as const;
export type MappingAction = (typeof MAPPING_ACTIONS)[number];

export interface ProposedMapping {
  sourceField: string;
  sourceType: string;
  targetColumn: string;
  targetType: string;
  transformFn: string | null;
  isKey: boolean;
  llmMapped: boolean;
  /** 1.0 exact, 0.9 semantic, 0.7 inferred, below: uncertain */
  confidenceScore: number;
  reason: string;
  /** The next likeliest columns, at most three, best first. */
  alternatives: { column: string; score: number }[];
  /** Three where there are as many values to show. */
  examples: TransformExample[];
  /** What a load will lose or refuse, one sentence each. */
  warnings: string[];
}

export interface MappingResult {
  /** ids of the etl.field_mappings rows written, in the order proposed */
  mappingIds: string[];
  reviewRequired: number;
}

/** Whether a load applies this mapping. */
export function applies(mapping: { reviewed: boolean; confidenceScore: number }): boolean {
  return mapping.reviewed || mapping.confidenceScore >= REVIEW_THRESHOLD;
}

/** The documented sentence about what needs a person's eye, for 0, 1 and more mappings. */
export function reviewMessage(reviewRequired: number): string {
  if (reviewRequired === 0) return `All mappings have confidence >= ${REVIEW_THRESHOLD}.`;
  if (reviewRequired === 1) return `1 mapping has confidence < ${REVIEW_THRESHOLD} and should be reviewed.`;
  return `${reviewRequired} mappings have confidence < ${REVIEW_THRESHOLD} and should be reviewed.`;
}

/** Whether a mapping is counted as `review_required`. */
export function needsReview(mapping: { reviewed: boolean; confidenceScore: number }): boolean {
  return !applies(mapping);
}
