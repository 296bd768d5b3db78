import type { Ctx } from '../../context.ts';
import type { DbOrTx } from '../../db/client.ts';
import type { FieldChange, SchemaOrigin } from '../../domain/source-drift.ts';
import { notify } from './notify.ts';

/** A source whose every field has changed is told by the first of them. */
const MAX_CHANGES = 100;
/** A source names its fields as it likes. */
const MAX_NAME_LENGTH = 255;

export interface DriftNews {
  connectorId: string;
  origin: SchemaOrigin;
  streams: readonly { stream: string; changes: readonly FieldChange[]; flagged: readonly unknown[] }[];
}

/** Tells which fields of a source came, went or changed their type; nothing when none did. */
export async function notifyDrift(
  ctx: Ctx,
  tx: DbOrTx,
  { connectorId, origin, streams }: DriftNews,
): Promise<void> {
  const changes = streams.flatMap(({ stream, changes: own }) => own.map((change) => ({ stream, ...change })));
  if (changes.length === 0) return;
  await notify(ctx, tx, {
    type: 'schema.drift',
    connectorId,
    data: {
      connector_id: connectorId,
      told_by: origin,
      changes_count: changes.length,
      changes: changes.slice(0, MAX_CHANGES).map(shortened),
      mappings_to_review: streams.reduce((sum, { flagged }) => sum + flagged.length, 0),
    },
  });
}

function shortened<Change extends object>(change: Change): Change {
  const entries = Object.entries(change).map(([key, text]) => [key, String(text).slice(0, MAX_NAME_LENGTH)]);
  return { ...change, ...Object.fromEntries(entries) };
}
