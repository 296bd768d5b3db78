import { type Ctx, causeOf } from '../../context.ts';
import { insertAuditEvent } from '../../db/queries/audit.ts';
import { type Connector, findConnector } from '../../db/queries/connectors.ts';
import { listFieldMappings } from '../../db/queries/field-mappings.ts';
import {
  countQueuedMappingJobs,
  findMappingJob,
  insertMappingJob,
  type MappingJob,
} from '../../db/queries/mapping-jobs.ts';
import { addToOutbox } from '../../db/queries/outbox.ts';
import type { MappingRequest } from '../../domain/mapping.ts';
import { ConflictError, type FieldError, InvalidError } from '../../errors.ts';
import { assertConnectorId, connectorNotFound } from '../connectors/connector-id.ts';
import { relaySoon } from '../outbox/relay.ts';
import { pollRow } from '../poll-row.ts';
import { doneAnswer, type ProposedAnswer } from './job-answer.ts';
import { assertTypesAgree, mappingsBeside } from './shared-table.ts';
import { targetColumns } from './target-columns.ts';

export interface ProposeInput extends MappingRequest {
  connectorId: string;
  /** How long to wait for the mapping pool; the documented minute by default. */
  timeoutMs?: number;
  signal?: AbortSignal;
}

export type ProposeAnswer = ProposedAnswer | { status: 'pending'; jobId: string };

const WAIT_MS = 60_000;
/** The mapping pool is shared by all tenants. */
const MAX_QUEUED = 100;

/**
 * Has the mapping pool propose a column for each field of a stream, and waits for it.
 * Throws NotFoundError `connector.not_found`; InvalidError `mapping.source_empty`, `mapping.name_invalid`, `mapping.target_unknown`,
 * `mapping.target_empty`, `mapping.target_invalid`; ConflictError `mapping.type_conflict`, `mapping.too_many`; or what the pool failed with.
 */
export async function proposeMappings(ctx: Ctx, input: ProposeInput): Promise<ProposeAnswer> {
  const { connectorId, timeoutMs = WAIT_MS, signal, ...request } = input;
  assertConnectorId(connectorId);
  const connector = await findConnector(ctx.database.db, ctx.tenantId, connectorId);
  if (!connector) throw connectorNotFound();
  checkNames(request);
  await checkTarget(ctx, connector, request);
  const jobId = await enqueue(ctx, connectorId, request);
  await relaySoon(ctx);
  const job = await awaitEnd(ctx, { jobId, timeoutMs, signal });
  return job ? doneAnswer(ctx, job, Object.keys(request.sourceSchema)) : { status: 'pending', jobId };
}

function enqueue(ctx: Ctx, connectorId: string, request: MappingRequest): Promise<string> {
  const id = ctx.newId();
  return ctx.database.db.transaction(async (tx) => {
    const { tenantId, actor } = ctx;
    if (!(await insertMappingJob(tx, { id, tenantId, connectorId, actor, request, cause: causeOf(ctx) })))
      return id;
    if ((await countQueuedMappingJobs(tx, tenantId)) > MAX_QUEUED) throw tooMany();
    await addToOutbox(tx, { job: 'propose-mappings', payload: { mappingJobId: id }, jobId: `mapping-${id}` });
    await insertAuditEvent(tx, ctx, {
      action: 'mapping.propose',
      subject: connectorId,
      detail: { stream: request.sourceStream, table: request.targetTable, job: id },
    });
    return id;
  });
}

function tooMany(): ConflictError {
  const message = `You have ${MAX_QUEUED} proposals under way; ask again when one has ended.`;
  return new ConflictError('mapping.too_many', message, { retryAfterS: 5 });
}

/** The ended job; null when the time is up first. */
async function awaitEnd(
  ctx: Ctx,
  { jobId, timeoutMs, signal }: { jobId: string; timeoutMs: number; signal: AbortSignal | undefined },
): Promise<MappingJob | null> {
  return pollRow(
    async () => {
      const job = await findMappingJob(ctx.database.db, ctx.tenantId, jobId);
      if (!job) throw connectorNotFound();
      return job.status === 'queued' ? null : job;
    },
    { timeoutMs, signal },
  );
}

function checkNames(request: MappingRequest): void {
  const fields = Object.keys(request.sourceSchema);
  if (fields.length === 0) {
    throw new InvalidError(
      'mapping.source_empty',
      'source_schema has no fields: run the tap with --discover first.',
      {
        errors: [{ field: 'source_schema', message: 'must have at least one field' }],
      },
    );
  }
  const errors = [
    ...badNames('source_stream', [request.sourceStream]),
    ...badNames('source_schema', fields),
    ...badNames('target_table', [request.targetTable]),
    ...badNames('target_schema_def', Object.keys(request.targetSchemaDef ?? {})),
  ];
  if (errors.length > 0)
    throw new InvalidError('mapping.name_invalid', 'Some names cannot be used.', { errors });
}

/** Before anything is queued: the pool could only say the same, later. */
async function checkTarget(ctx: Ctx, connector: Connector, request: MappingRequest): Promise<void> {
  const columns = Object.entries(targetColumns(ctx.canonicalSchemas, request));
  const all = await listFieldMappings(ctx.database.db, ctx.tenantId, connector.id);
  assertTypesAgree(
    columns.map(([name, { type = 'string' }]) => ({ name, type })),
    mappingsBeside(all, request, connector),
    (column) => `target_schema_def.${column}`,
  );
}

function badNames(field: string, names: readonly string[]): FieldError[] {
  const bad = names.filter((name) => name.trim() === '' || name.includes('\0') || !name.isWellFormed());
  return bad.map((name) => ({ field, message: `${JSON.stringify(name)} is no usable name` }));
}
