import { createRoute, z } from '@hono/zod-openapi';
import { type ApprovalChoice, approveAll } from '../../../services/mappings/approve.ts';
import {
  body,
  ConnectorParams,
  IdempotencyHeader,
  json,
  printable,
  problems,
  SECURITY,
} from '../../contract.ts';
import type { Api } from '../../env.ts';

const MAX_IDS = 10_000;

const Approve = z
  .strictObject({
    ids: z.array(printable(64)).min(1).max(MAX_IDS).optional(),
    source_stream: printable(255).optional(),
    min_confidence: z.number().min(0).max(1).optional().openapi({
      description: 'Mappings of this confidence_score and more; 0: all.',
    }),
  })
  .refine(
    ({ ids, ...filter }) => (ids !== undefined) !== Object.values(filter).some((each) => each !== undefined),
    'must hold either ids, or source_stream or min_confidence or both',
  )
  .openapi('ApproveMappings');

const Approved = z
  .object({
    approved: z.array(z.string()).openapi({ description: 'ids of the mappings this request approved.' }),
    already_approved: z.array(z.string()),
  })
  .openapi('MappingsApproved');

const contract = createRoute({
  method: 'post',
  path: '/v1/admin/connectors/{id}/mappings/approve',
  tags: ['Field mappings'],
  summary: 'Approve field mappings',
  description: 'Approves the mappings named, or all that the filter takes: all of them or, refused, none.',
  security: SECURITY,
  request: { params: ConnectorParams, headers: IdempotencyHeader, body: body(Approve) },
  responses: { 200: json(Approved, 'Approved'), ...problems(400, 404, 409, 413, 415, 422) },
});

export function approveMappingsRoute(app: Api): void {
  app.openapi(contract, async (c) => {
    const { approved, alreadyApproved } = await approveAll(c.get('ctx'), {
      connectorId: c.req.valid('param').id,
      choice: choiceOf(c.req.valid('json')),
    });
    return c.json({ approved, already_approved: alreadyApproved }, 200);
  });
}

function choiceOf({ ids, source_stream, min_confidence }: z.infer<typeof Approve>): ApprovalChoice {
  return ids ? { ids } : { sourceStream: source_stream, minConfidence: min_confidence };
}
