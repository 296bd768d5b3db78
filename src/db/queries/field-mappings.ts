import { and, eq, gte, inArray, ne, sql } from 'drizzle-orm';
import { REVIEW_THRESHOLD } from '../../domain/mapping.ts';
import type { DbOrTx } from '../client.ts';
import { connectors, fieldMappings, keptDecisions } from '../schema/index.ts';
import type { Decided } from './mapping-decisions.ts';

export type FieldMapping = typeof fieldMappings.$inferSelect;
export type NewFieldMapping = typeof fieldMappings.$inferInsert;

export interface StreamOf {
  tenantId: string;
  connectorId: string;
  sourceStream: string;
}

export type MappingPosition = [sourceStream: string, sourceField: string];

const IN_ORDER = sql`${fieldMappings.sourceStream} collate "C", ${fieldMappings.sourceField} collate "C"`;

const NEEDS_REVIEW = sql`((${fieldMappings.confidenceScore} < ${REVIEW_THRESHOLD} and not ${fieldMappings.reviewed})
  or ${fieldMappings.drift} is not null)`;

/** A statement takes at most 65,535 parameters. */
const UPSERT_BATCH = 1_000;

/** One writer at a time for the mappings of a connector, until the transaction ends. */
export async function lockMappings(tx: DbOrTx, connectorId: string): Promise<void> {
  await tx.execute(
    sql`select pg_advisory_xact_lock(hashtextextended(${`ivory.mappings ${connectorId}`}, 0))`,
  );
}

/** What a list of mappings is narrowed to; absent: not by this. */
export interface MappingFilter {
  sourceStream?: string | undefined;
  targetTable?: string | undefined;
  reviewed?: boolean | undefined;
  /** Uncertain and not reviewed, or its source has changed under it. */
  needsReview?: boolean | undefined;
  minConfidence?: number | undefined;
}

interface MappingListing extends MappingFilter {
  /** null: all of them. */
  limit: number | null;
  after: MappingPosition | null;
}

/** By stream, then field; byte order, so that it is the same on every installation. */
export async function listFieldMappings(
  db: DbOrTx,
  tenantId: string,
  connectorId: string,
  { limit, after, ...filter }: MappingListing = { limit: null, after: null },
): Promise<FieldMapping[]> {
  const listed = db
    .select()
    .from(fieldMappings)
    .where(
      and(
        eq(fieldMappings.tenantId, tenantId),
        eq(fieldMappings.connectorId, connectorId),
        after ? sql`(${IN_ORDER}) > (${after[0]}, ${after[1]})` : undefined,
        ...narrowed(filter),
      ),
    )
    .orderBy(IN_ORDER);
  return limit === null ? listed : listed.limit(limit);
}

function narrowed({ sourceStream, targetTable, reviewed, needsReview, minConfidence }: MappingFilter) {
  return [
    sourceStream === undefined ? undefined : eq(fieldMappings.sourceStream, sourceStream),
    targetTable === undefined ? undefined : eq(fieldMappings.targetTable, targetTable),
    reviewed === undefined ? undefined : eq(fieldMappings.reviewed, reviewed),
    needsReview === undefined ? undefined : sql`${NEEDS_REVIEW} = ${needsReview}`,
    minConfidence === undefined ? undefined : gte(fieldMappings.confidenceScore, minConfidence),
  ];
}

/** Mappings of a connector by their ids, those there are. */
export async function findMappingsByIds(
  db: DbOrTx,
  tenantId: string,
  connectorId: string,
  ids: readonly string[],
): Promise<FieldMapping[]> {
  return db
    .select()
    .from(fieldMappings)
    .where(
      and(
        eq(fieldMappings.tenantId, tenantId),
        eq(fieldMappings.connectorId, connectorId),
        sql`${fieldMappings.id} = any(${arrayOf(ids)}::uuid[])`,
      ),
    )
    .orderBy(IN_ORDER);
}

/** Approves mappings; each is then for the source as it is now. */
export async function approveMappings(tx: DbOrTx, tenantId: string, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await tx
    .update(fieldMappings)
    .set({
      reviewed: true,
      sourceType: sql`case ${fieldMappings.drift}->>'kind'
        when 'type_changed' then ${fieldMappings.drift}->>'to' else ${fieldMappings.sourceType} end`,
      drift: null,
      updatedAt: sql`now()`,
    })
    .where(
      and(eq(fieldMappings.tenantId, tenantId), sql`${fieldMappings.id} = any(${arrayOf(ids)}::uuid[])`),
    );
}

/** Says how the source has changed under mappings; null: not any more. What was decided for them stays as old as it is. */
export async function setMappingDrifts(
  tx: DbOrTx,
  tenantId: string,
  drifts: readonly { id: string; drift: FieldMapping['drift'] }[],
): Promise<void> {
  if (drifts.length === 0) return;
  await tx.execute(sql`
    update ${fieldMappings} set drift = told.drift
    from jsonb_to_recordset(${JSON.stringify(drifts)}::text::jsonb) as told (id uuid, drift jsonb)
    where ${fieldMappings.id} = told.id and ${fieldMappings.tenantId} = ${tenantId}`);
}

/** Deletes one mapping. False: there was none. */
export async function deleteFieldMapping(
  tx: DbOrTx,
  { tenantId, connectorId, id }: { tenantId: string; connectorId: string; id: string },
): Promise<boolean> {
  const gone = await tx
    .delete(fieldMappings)
    .where(
      and(
        eq(fieldMappings.id, id),
        eq(fieldMappings.tenantId, tenantId),
        eq(fieldMappings.connectorId, connectorId),
      ),
    )
    .returning({ id: fieldMappings.id });
  return gone.length > 0;
}

export async function findFieldMapping(
  db: DbOrTx,
  { tenantId, connectorId, id }: { tenantId: string; connectorId: string; id: string },
): Promise<FieldMapping | null> {
  const [mapping] = await db
    .select()
    .from(fieldMappings)
    .where(
      and(
        eq(fieldMappings.id, id),
        eq(fieldMappings.tenantId, tenantId),
        eq(fieldMappings.connectorId, connectorId),
      ),
    );
  return mapping ?? null;
}

/** Another mapping of the same stream into the same table that holds this column, whatever its case. */
export async function findHolder(
  db: DbOrTx,
  mapping: FieldMapping,
  column: string,
): Promise<FieldMapping | null> {
  const [holder] = await db
    .select()
    .from(fieldMappings)
    .where(
      and(
        ofStream(mapping),
        eq(fieldMappings.targetTable, mapping.targetTable),
        sql`lower(${fieldMappings.targetColumn}) = lower(${column})`,
        ne(fieldMappings.id, mapping.id),
      ),
    )
    .limit(1);
  return holder ?? null;
}

export type MappingChange = Partial<
  Pick<
    FieldMapping,
    'reviewed' | 'sourceType' | 'targetColumn' | 'targetType' | 'isKey' | 'transformFn' | 'drift' | 'reason'
  >
>;

export async function changeFieldMapping(
  tx: DbOrTx,
  { tenantId, id }: { tenantId: string; id: string },
  change: MappingChange,
): Promise<FieldMapping | null> {
  const [mapping] = await tx
    .update(fieldMappings)
    .set({ ...change, updatedAt: sql`now()` })
    .where(and(eq(fieldMappings.id, id), eq(fieldMappings.tenantId, tenantId)))
    .returning();
  return mapping ?? null;
}

/** Writes proposals over earlier ones of the same field; a reviewed one stays as it is. Answers the rows written. */
export async function upsertProposals(
  tx: DbOrTx,
  rows: readonly NewFieldMapping[],
): Promise<{ id: string; sourceField: string }[]> {
  const written: { id: string; sourceField: string }[] = [];
  for (let at = 0; at < rows.length; at += UPSERT_BATCH) {
    const batch = await tx
      .insert(fieldMappings)
      .values(rows.slice(at, at + UPSERT_BATCH))
      .onConflictDoUpdate({
        target: [fieldMappings.connectorId, fieldMappings.sourceStream, fieldMappings.sourceField],
        set: PROPOSED,
        setWhere: eq(fieldMappings.reviewed, false),
      })
      .returning({ id: fieldMappings.id, sourceField: fieldMappings.sourceField });
    written.push(...batch);
  }
  return written;
}

export async function deleteProposals(tx: DbOrTx, tenantId: string, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await tx
    .delete(fieldMappings)
    .where(
      and(
        eq(fieldMappings.tenantId, tenantId),
        eq(fieldMappings.reviewed, false),
        inArray(fieldMappings.id, [...ids]),
      ),
    );
}

export interface Decision {
  sourceField: string;
  targetColumn: string;
  transformFn: string | null;
}

/**
 * What the tenant's reviewers chose for this stream of the same source system and table, of connectors that are there and of ones that are
 * deleted: the latest for each field.
 */
export async function listDecisions(db: DbOrTx, asked: Decided): Promise<Decision[]> {
  const { rows } = await db.execute<{
    source_field: string;
    target_column: string;
    transform_fn: string | null;
  }>(sql`
    select distinct on (source_field) source_field, target_column, transform_fn
    from (
      select m.tenant_id, c.source_system, m.source_stream, m.source_field, m.target_schema, m.target_table,
        m.target_column, m.transform_fn, m.updated_at as decided_at
      from ${fieldMappings} m join ${connectors} c on c.id = m.connector_id and c.tenant_id = m.tenant_id
      where m.reviewed
      union all
      select tenant_id, source_system, source_stream, source_field, target_schema, target_table, target_column, transform_fn,
        decided_at
      from ${keptDecisions}
    ) decided
    where tenant_id = ${asked.tenantId} and source_system = ${asked.sourceSystem}
      and source_stream = ${asked.sourceStream} and target_schema = ${asked.targetSchema}
      and target_table = ${asked.targetTable}
    order by source_field, decided_at desc`);
  return rows.map((row) => ({
    sourceField: row.source_field,
    targetColumn: row.target_column,
    transformFn: row.transform_fn,
  }));
}

const PROPOSED = {
  sourceType: sql`excluded.source_type`,
  targetSchema: sql`excluded.target_schema`,
  targetTable: sql`excluded.target_table`,
  targetColumn: sql`excluded.target_column`,
  targetType: sql`excluded.target_type`,
  transformFn: sql`excluded.transform_fn`,
  isKey: sql`excluded.is_key`,
  llmMapped: sql`excluded.llm_mapped`,
  confidenceScore: sql`excluded.confidence_score`,
  reason: sql`excluded.reason`,
  alternatives: sql`excluded.alternatives`,
  examples: sql`excluded.examples`,
  warnings: sql`excluded.warnings`,
  drift: sql`excluded.drift`,
  updatedAt: sql`now()`,
};

function ofStream({ tenantId, connectorId, sourceStream }: StreamOf) {
  return and(
    eq(fieldMappings.tenantId, tenantId),
    eq(fieldMappings.connectorId, connectorId),
    eq(fieldMappings.sourceStream, sourceStream),
  );
}

/** One parameter, however many there are. The ids are checked: they hold no character that would need care. */
function arrayOf(ids: readonly string[]): string {
  return `{${ids.join(',')}}`;
}
