import { createRoute, z } from '@hono/zod-openapi';
import { proposeMappings } from '../../../services/mappings/propose.ts';
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
import { Mapped, mapped } from './mapped.ts';

const MAX_FIELDS = 5_000;

const schemaOf = (what: string) =>
  z.preprocess(
    refuseProto,
    z.record(printable(255), printable(255)).refine((fields) => {
      const count = Object.keys(fields).length;
      return count >= 1 && count <= MAX_FIELDS;
    }, `must name 1 to ${MAX_FIELDS} ${what}`),
  );

/** A record would drop it without a word. */
function refuseProto(fields: unknown, context: z.RefinementCtx): unknown {
  if (typeof fields === 'object' && fields !== null && Object.hasOwn(fields, '__proto__'))
    context.addIssue({ code: 'custom', path: ['__proto__'], message: 'cannot be a name here' });
  return fields;
}

const MapFields = z
  .strictObject({
    source_stream: printable(255).openapi({ example: 'Opportunity' }),
    source_schema: schemaOf('fields').openapi({ example: { Id: 'string', Amount: 'number' } }),
    target_schema: printable(64).openapi({
      description: 'dm, md, ci, pm, one the operator has added, or custom.',
      example: 'dm',
    }),
    target_table: z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_]{0,62}$/, 'must be a table name: letters, digits and "_"'),
    target_schema_def: schemaOf('columns').optional(),
  })
  .openapi('MapFields');

const Pending = z
  .object({ status: z.literal('pending'), job_id: z.string(), message: z.string() })
  .openapi('MappingPending');

const contract = createRoute({
  method: 'post',
  path: '/v1/admin/connectors/{id}/map-fields',
  tags: ['Field mappings'],
  summary: 'Propose field mappings',
  description:
    'Proposes a target column for each field of a stream. Answers 202 when the proposals take longer than the request may.',
  security: SECURITY,
  request: { params: ConnectorParams, headers: IdempotencyHeader, body: body(MapFields) },
  responses: {
    201: json(Mapped, 'Proposed and saved'),
    202: json(Pending, 'Still being worked out; they will be in the list of mappings'),
    ...problems(400, 404, 409, 413, 415, 422, 429),
  },
});

export function proposeMappingsRoute(app: Api): void {
  app.openapi(contract, async (c) => {
    const asked = c.req.valid('json');
    const answer = await proposeMappings(c.get('ctx'), {
      connectorId: c.req.valid('param').id,
      sourceStream: asked.source_stream,
      sourceSchema: asked.source_schema,
      targetSchema: asked.target_schema,
      targetTable: asked.target_table,
      ...(asked.target_schema_def ? { targetSchemaDef: asked.target_schema_def } : {}),
      signal: c.req.raw.signal,
    });
    if (answer.status === 'pending') {
      const message =
        'The mappings are still being proposed; ask for the job, or list the mappings, in a moment.';
      c.header('Location', `/v1/admin/mapping-jobs/${answer.jobId}`);
      return c.json({ status: 'pending' as const, job_id: answer.jobId, message }, 202);
    }
    return c.json(mapped(answer), 201);
  });
}
