import { createRoute, z } from '@hono/zod-openapi';
import { type JsonText, parseLossless } from '../../../domain/lossless-json.ts';
import { putState } from '../../../services/state/put.ts';
import { body, ConnectorParams, json, problems, SECURITY } from '../../contract.ts';
import type { Api } from '../../env.ts';
import { etagOf, IfMatchHeader, versionOf } from '../../if-match.ts';
import { State, stateEntry } from './entry.ts';

const PutState = z
  .strictObject({
    state: z
      .record(z.string(), z.unknown())
      .nullable()
      .openapi({ description: 'null: the next run starts over.' }),
  })
  .openapi('PutState');

const contract = createRoute({
  method: 'put',
  path: '/v1/admin/connectors/{id}/state',
  tags: ['State'],
  summary: 'Set the state',
  description: 'Refused while a run is unfinished. Numbers are kept as they are written, beyond 2^53 too.',
  security: SECURITY,
  request: { params: ConnectorParams, headers: IfMatchHeader, body: body(PutState) },
  responses: { 200: json(State, 'The state as it is now'), ...problems(400, 404, 409, 412, 413, 415, 422) },
});

export function putStateRoute(app: Api): void {
  app.openapi(contract, async (c) => {
    const { state } = c.req.valid('json');
    const saved = await putState(c.get('ctx'), {
      connectorId: c.req.valid('param').id,
      state: state === null ? null : stateText(await c.req.text()),
      ifVersion: versionOf(c.req.valid('header')['if-match']),
    });
    c.header('ETag', etagOf(saved.version));
    return c.json(stateEntry(saved), 200);
  });
}

const Raw = z.object({ state: z.unknown() });

/** Out of the body as it was sent: the parsed one has lost digits. */
function stateText(text: string): JsonText {
  return JSON.stringify(Raw.parse(parseLossless(text)).state);
}
