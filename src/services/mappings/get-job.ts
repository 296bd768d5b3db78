import type { Ctx } from '../../context.ts';
import { findMappingJob, type MappingJob } from '../../db/queries/mapping-jobs.ts';
import { type AppError, NotFoundError } from '../../errors.ts';
import { isUuid } from '../connectors/connector-id.ts';
import { doneAnswer, failureOf, type ProposedAnswer } from './job-answer.ts';

export type JobProgress =
  | { job: MappingJob; status: 'queued' }
  | { job: MappingJob; status: 'failed'; error: AppError }
  | { job: MappingJob; status: 'done'; answer: ProposedAnswer };

/** How far a mapping job is. Throws NotFoundError `mapping_job.not_found`. */
export async function getMappingJob(ctx: Ctx, { jobId }: { jobId: string }): Promise<JobProgress> {
  const job = isUuid(jobId) ? await findMappingJob(ctx.database.db, ctx.tenantId, jobId) : null;
  if (!job) throw new NotFoundError('mapping_job.not_found', 'No mapping job of yours has this id.');
  switch (job.status) {
    case 'queued':
      return { job, status: 'queued' };
    case 'failed':
      return { job, status: 'failed', error: failureOf(job) };
    case 'done':
      return { job, status: 'done', answer: await doneAnswer(ctx, job) };
  }
}
