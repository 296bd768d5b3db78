import type { LakeValue } from '../../domain/lake-type.ts';

/** What a load would do to one staged value. */
export interface TriedValue {
  /** As staged, in text; null for NULL. */
  input: string | null;
  outcome: { value: LakeValue } | { error: string };
}
