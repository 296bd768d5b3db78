import { createRoute, z } from '@hono/zod-openapi';
import { json, problems, SECURITY } from '../contract.ts';
import type { Api } from '../env.ts';

const Column = z.object({
  name: z.string(),
  type: z.string().openapi({ example: 'decimal(18,2)' }),
  description: z.string(),
  is_key: z.boolean(),
  aliases: z.array(z.string()).openapi({ description: 'Other names the column is known by.' }),
});

const Table = z.object({ table: z.string(), description: z.string(), columns: z.array(Column) });

const CanonicalSchemaList = z
  .object({
    schemas: z.array(z.object({ schema: z.string(), description: z.string(), tables: z.array(Table) })),
    count: z.int(),
  })
  .openapi('CanonicalSchemaList');

const contract = createRoute({
  method: 'get',
  path: '/v1/admin/canonical-schemas',
  tags: ['Field mappings'],
  summary: 'List canonical schemas',
  description: 'What map-fields takes as target_schema and target_table without a target_schema_def.',
  security: SECURITY,
  responses: { 200: json(CanonicalSchemaList, 'The schemas'), ...problems() },
});

export function canonicalSchemaRoutes(app: Api): void {
  app.openapi(contract, (c) => {
    const schemas = [...c.get('ctx').canonicalSchemas.values()].map(({ schema, description, tables }) => ({
      schema,
      description,
      tables: Object.entries(tables).map(([table, { description: what, columns }]) => ({
        table,
        description: what,
        columns: columns.map(({ name, type, description: meaning, key = false, aliases = [] }) => ({
          name,
          type,
          description: meaning,
          is_key: key,
          aliases,
        })),
      })),
    }));
    return c.json({ schemas, count: schemas.length }, 200);
  });
}
