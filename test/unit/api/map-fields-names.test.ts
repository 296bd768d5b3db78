import { OpenAPIHono } from '@hono/zod-openapi';
import { expect, it } from 'vitest';
import { proposeMappingsRoute } from '../../../src/api/routes/mappings/propose.ts';

it.each(['source_schema', 'target_schema_def'])(
  'a "__proto__" in %s is refused by its name',
  async (where) => {
    const app = new OpenAPIHono<
      Parameters<typeof proposeMappingsRoute>[0] extends OpenAPIHono<infer E> ? E : never
    >();
    proposeMappingsRoute(app);
    const schemas = {
      source_schema: '{"a":"string"}',
      target_schema_def: '{"b":"string"}',
      [where]: '{"__proto__":"string","a":"string"}',
    };
    const response = await app.request(
      '/v1/admin/connectors/00000000-0000-4000-8000-000000000001/map-fields',
      {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: `{"source_stream":"s","target_schema":"custom","target_table":"t","source_schema":${schemas.source_schema},"target_schema_def":${schemas.target_schema_def}}`,
      },
    );
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('__proto__');
  },
);
