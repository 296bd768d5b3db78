import { NOTHING, type TransformProposal } from './transform-proposal.ts';
import { mostly, nullNote, orNone, type SourceValues } from './values.ts';

/** Text that is JSON becomes what it says; nested values fit as they are. */
export function toNested(values: SourceValues): TransformProposal {
  if (values.kind !== 'text' || !mostly(values.texts, isDocument)) return NOTHING;
  return {
    expression: orNone('json.loads(v)', values),
    note: `The sample values are JSON text.${nullNote(values)}`,
  };
}

/** Samples are cut: what looks like the beginning of a document is taken for one. */
function isDocument(text: string): boolean {
  return /^(?:\{\s*(?:"|\}|$)|\[\s*(?:["[{\]\d-]|true|false|null|$))/.test(text);
}
