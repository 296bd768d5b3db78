import { type Ctx, contextFor, type Deps } from '../../context.ts';
import { type Connector, findConnector } from '../../db/queries/connectors.ts';
import { listDecisions, listStreamMappings } from '../../db/queries/field-mappings.ts';
import { endMappingJob, findMappingJobAnywhere, type MappingJob } from '../../db/queries/mapping-jobs.ts';
import { readStagedSamples } from '../../db/queries/staged-samples.ts';
import type { FieldProfiles, ProposedMapping } from '../../domain/mapping.ts';
import { AppError, kindOf, messageOf } from '../../errors.ts';
import { askModel } from './ask-model.ts';
import { assertRunnable } from './assert-runnable.ts';
import { type ModelChoice, type ProposalInput, proposalsFrom } from './proposals.ts';
import { saveProposals } from './save-proposals.ts';
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
  const ctx = contextFor(deps, { tenantId: job.tenantId, actor: 'worker:mapping', requestId: job.id });
  const connector = await findConnector(deps.database.db, job.tenantId, job.connectorId);
  if (!connector) return;
  try {
    const proposals = await workOut(ctx, job, connector, signal);
    const result = await saveProposals(ctx, job, proposals);
    if (result) ctx.log.info({ mappingJobId, mapped: result.mappingIds.length }, 'mappings proposed');
  } catch (error) {
    if (!(error instanceof AppError) || error.retry === 'transient') throw error;
    ctx.log.warn({ mappingJobId, error: messageOf(error) }, 'mappings not proposed');
    await endMappingJob(deps.database.db, job.tenantId, job.id, {
      status: 'failed',
      errorKind: kindOf(error),
      errorCode: error.code,
      errorMsg: error.message,
    });
  }
}

async function workOut(
  ctx: Ctx,
  { request, connectorId, tenantId }: MappingJob,
  connector: Connector,
  signal: AbortSignal,
): Promise<ProposedMapping[]> {
  const { db } = ctx.database;
  const target = targetColumns(request);
  const source = await sourceFields(ctx, request, connector);
  const existing = await listStreamMappings(db, {
    tenantId,
    connectorId,
    sourceStream: request.sourceStream,
  });
  const decisions = await listDecisions(db, { ...request, tenantId, sourceSystem: connector.sourceSystem });
  const kept = existing.filter((row) => row.reviewed && row.targetTable === request.targetTable);
  const input = {
    source: without(
      source,
      existing.filter((row) => row.reviewed).map((row) => row.sourceField),
    ),
    target,
    decisions,
    reserved: new Set(kept.map((row) => row.targetColumn)),
    context: [request.sourceStream, request.targetTable],
    check: (expression: string) => ctx.expressions.check(expression),
  };
  const model = ctx.llm === null ? null : await askModel(ctx, ctx.llm, { ...input, request }, signal);
  return proposalsFrom({ ...input, check: await runnableCheck(ctx, model) }, model);
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

async function sourceFields(
  { database }: Ctx,
  { sourceSchema, sourceStream }: MappingJob['request'],
  { stagingSchema }: Connector,
): Promise<FieldProfiles> {
  const fields = Object.keys(sourceSchema);
  const samples = await readStagedSamples(database.sql, { stagingSchema, stream: sourceStream, fields });
  return Object.fromEntries(
    Object.entries(sourceSchema).map(([name, type]) => [name, { type, samples: samples.get(name) ?? [] }]),
  );
}

function without(fields: FieldProfiles, names: readonly string[]): FieldProfiles {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));
}
