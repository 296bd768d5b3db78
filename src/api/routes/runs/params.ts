import { z } from '@hono/zod-openapi';
import { ConnectorParams } from '../../contract.ts';

export const RunParams = ConnectorParams.extend({
  run_id: z.string().openapi({ param: { name: 'run_id', in: 'path' } }),
});
