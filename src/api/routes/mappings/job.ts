import { createRoute, z } from '@hono/zod-openapi';
import { getMappingJob, type JobProgress } from '../../../services/mappings/get-job.ts';
import { json, problems, SECURITY, Timestamp, timestamp, timestampOrNull } from '../../contract.ts';
import type { Api } from '../../env.ts';
import { problemOf } from '../../problem.ts';
import { Mapped, mapped } from './mapped.ts';

const MappingJob = z
  .object({
    job_id: z.string(),
    connector_id: z.string(),
    source_stream: z.string(),
    status: z.enum(['queued', 'done', 'failed']),
    created_at: Timestamp,
    finished_at: Timestamp.nullable(),
    error: z
      .object({ status: z.int(), code: z.string(), detail: z.string() })
      .nullable()
      .openapi({ description: 'What map-fields would have answered.' }),
    result: Mapped.nullable().openapi({
      description: 'The answer of map-fields, its mappings as they are now.',
    }),
  })
  .openapi('MappingJob');

const contract = createRoute({
  method: 'get',
  path: '/v1/admin/mapping-jobs/{job_id}',
  tags: ['Field mappings'],
  summary: 'Get a mapping job',
  description: 'What became of a map-fields that was answered 202. Ended jobs are kept for a week.',
  security: SECURITY,
  request: { params: z.object({ job_id: z.string().openapi({ param: { name: 'job_id', in: 'path' } }) }) },
  responses: { 200: json(MappingJob, 'The job'), ...problems(404) },
});

export function getMappingJobRoute(app: Api): void {
  app.openapi(contract, async (c) => {
    const progress = await getMappingJob(c.get('ctx'), { jobId: c.req.valid('param').job_id });
    const { job } = progress;
    return c.json(
      {
        job_id: job.id,
        connector_id: job.connectorId,
        source_stream: job.request.sourceStream,
        status: progress.status,
        created_at: timestamp(job.createdAt),
        finished_at: timestampOrNull(job.finishedAt),
        error: errorOf(progress, c.get('requestId')),
        result: progress.status === 'done' ? mapped(progress.answer) : null,
      },
      200,
    );
  });
}

function errorOf(progress: JobProgress, requestId: string) {
  if (progress.status !== 'failed') return null;
  const { status, code, detail } = problemOf(progress.error, requestId);
  return { status, code, detail };
}
