import { and, eq } from 'drizzle-orm';
import type { DbOrTx } from '../client.ts';
import { fieldMappings } from '../schema/index.ts';

type Trial = Pick<typeof fieldMappings.$inferSelect, 'examples' | 'warnings'>;

/** What came of trying a mapping; what was decided for it stays as old as it is. */
export async function saveMappingTrial(
  tx: DbOrTx,
  { tenantId, id }: { tenantId: string; id: string },
  { examples, warnings }: Trial,
): Promise<void> {
  await tx
    .update(fieldMappings)
    .set({ examples, warnings })
    .where(and(eq(fieldMappings.id, id), eq(fieldMappings.tenantId, tenantId)));
}
