import { type Ctx, contextFor, type Deps } from '../../context.ts';
import { type Connector, findConnector } from '../../db/queries/connectors.ts';
import { type FieldMapping, listDecisions, listFieldMappings } from '../../db/queries/field-mappings.ts';
import { endMappingJob, findMappingJobAnywhere, type MappingJob } from '../../db/queries/mapping-jobs.ts';
import { readStagedSamples, type StagedSamples } from '../../db/queries/staged-samples.ts';
import type { FieldProfiles, ProposedMapping } from '../../domain/mapping.ts';
import { AppError, kindOf } from '../../errors.ts';
import { askModel, withNotes } from './ask-model.ts';
import { assertRunnable } from './assert-runnable.ts';
import { draftsFrom, type ModelChoice, type ProposalInput } from './proposals.ts';
import { saveProposals } from './save-proposals.ts';
import { settleDrafts } from './settle-drafts.ts';
import { neighboursOf, withSurroundings } from './surroundings.ts';
import { targetColumns } from './target-columns.ts';

/**
 * Works one mapping job out and ends it; done twice it changes nothing. A job that is gone (its connector was deleted) ends quietly.
 * Throws only what may go away by itself, such as a database that does not answer: the queue tries again.
 */
export async function runProposal(
  deps: Deps,
  { mappingJobId }: { mappingJobId: string },
  signal: AbortSignal = new AbortController().signal,
): Promise<void> {
  const job = await findMappingJobAnywhere(deps.database.db, mappingJobId);
  if (job?.status !== 'queued') return;
  const { tenantId, connectorId, traceparent: parent } = job;
  const attributes = {
    'ivory.tenant_id': tenantId,
    'ivory.connector_id': connectorId,
    'ivory.mapping_job_id': job.id,
  };
  await deps.tracing.span('mapping.propose', { kind: 'consumer', parent, attributes }, () =>
    runQueued(contextOf(deps, job), job, signal),
  );
}

function contextOf(deps: Deps, { id, tenantId, connectorId, requestId }: MappingJob): Ctx {
  const about = { connector_id: connectorId, mapping_job_id: id };
  return contextFor(deps, { tenantId, actor: 'worker:mapping', requestId: requestId ?? id, about });
}

async function runQueued(ctx: Ctx, job: MappingJob, signal: AbortSignal): Promise<void> {
  const connector = await findConnector(ctx.database.db, job.tenantId, job.connectorId);
  if (!connector) return;
  const startedAt = performance.now();
  const duration = () => Math.round(performance.now() - startedAt);
  ctx.log.info({ event: 'mapping.claimed' }, 'proposing mappings');
  try {
    const proposals = await workOut(ctx, job, connector, signal);
    const result = await saveProposals(ctx, job, connector, proposals);
    const mapped = result?.mappingIds.length;
    if (result)
      ctx.log.info({ event: 'mapping.ended', mapped, duration_ms: duration() }, 'mappings proposed');
  } catch (error) {
    if (!(error instanceof AppError) || error.retry === 'transient') throw error;
    ctx.log.warn({ event: 'mapping.failed', err: error, duration_ms: duration() }, 'mappings not proposed');
    await endMappingJob(ctx.database.db, job.tenantId, job.id, {
      status: 'failed',
      errorKind: kindOf(error),
      errorCode: error.code,
      errorMsg: error.message,
    });
  }
}

async function workOut(
  ctx: Ctx,
  job: MappingJob,
  connector: Connector,
  signal: AbortSignal,
): Promise<ProposedMapping[]> {
  const { request, connectorId, tenantId } = job;
  const { sourceStream, sourceSchema } = request;
  const { stagingSchema } = connector;
  const fields = Object.keys(sourceSchema);
  const staged = await readStagedSamples(ctx.database.sql, { stagingSchema, stream: sourceStream, fields });
  const all = await listFieldMappings(ctx.database.db, tenantId, connectorId);
  const input = await proposalInput(ctx, { job, connector, existing: all, staged });
  const model = ctx.llm === null ? null : await askModel(ctx, { ...input, job }, signal);
  const choices = model?.choices ?? null;
  const drafts = draftsFrom({ ...input, check: await runnableCheck(ctx, choices) }, choices);
  const proposals = await settleDrafts(ctx.expressions, drafts, staged, signal);
  const noted = withNotes(proposals, model?.notes ?? new Map());
  const neighbours = await neighboursOf(ctx.database.db, { all, connector }, request.targetTable);
  return withSurroundings(noted, request, { all, connector, staged, neighbours });
}

interface Known {
  job: MappingJob;
  connector: Connector;
  existing: readonly FieldMapping[];
  staged: StagedSamples;
}

async function proposalInput(ctx: Ctx, { job, connector, existing, staged }: Known): Promise<ProposalInput> {
  const { request, tenantId } = job;
  const { sourceSystem } = connector;
  const decisions = await listDecisions(ctx.database.db, { ...request, tenantId, sourceSystem });
  const reviewed = existing.filter((row) => row.reviewed && row.sourceStream === request.sourceStream);
  const kept = reviewed.filter((row) => row.targetTable === request.targetTable);
  return {
    source: without(
      sourceFields(request, staged),
      reviewed.map((row) => row.sourceField),
    ),
    target: targetColumns(ctx.canonicalSchemas, request),
    staged: staged.fields,
    decisions,
    reserved: new Set(kept.map((row) => row.targetColumn)),
    context: [request.sourceStream, request.targetTable],
    check: (expression) => ctx.expressions.check(expression),
  };
}

/** The sandbox's check, and on top of it what came of trying the model's transforms. */
async function runnableCheck(
  { expressions }: Ctx,
  model: ReadonlyMap<string, ModelChoice> | null,
): Promise<ProposalInput['check']> {
  const refused = new Map<string, AppError>();
  for (const choice of model?.values() ?? []) {
    const expression = choice?.transform?.trim();
    if (!expression || refused.has(expression)) continue;
    await assertRunnable(expressions, expression).catch((error: unknown) => {
      if (!(error instanceof AppError) || error.retry === 'transient') throw error;
      refused.set(expression, error);
    });
  }
  return (expression) => {
    const error = refused.get(expression.trim());
    if (error) throw error;
    expressions.check(expression);
  };
}

/** As the matcher takes them: values that are there. */
function sourceFields({ sourceSchema }: MappingJob['request'], staged: StagedSamples): FieldProfiles {
  const samplesOf = (name: string) => (staged.fields.get(name)?.texts ?? []).filter((text) => text !== null);
  return Object.fromEntries(
    Object.entries(sourceSchema).map(([name, type]) => [name, { type, samples: samplesOf(name) }]),
  );
}

function without(fields: FieldProfiles, names: readonly string[]): FieldProfiles {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));
}
