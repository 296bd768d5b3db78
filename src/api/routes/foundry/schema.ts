import { createRoute, z } from '@hono/zod-openapi';
import { type CatalogSource, DIALECTS, FOUNDRY_TARGETS } from '../../../domain/foundry/catalog.ts';
import { foundrySchema } from '../../../services/foundry/schema.ts';
import { json, problems, SECURITY } from '../../contract.ts';
import type { Api } from '../../env.ts';

const Column = z.object({
  name: z.string(),
  type: z.string().openapi({ example: 'decimal(18,2)', description: 'As the store names it.' }),
  nullable: z.boolean(),
  description: z.string().nullable(),
  samples: z.array(z.string()).openapi({ description: 'Values of a column that has few, as text.' }),
});

const Table = z.object({
  name: z.string().openapi({ example: 'ivory_tenant_acme.deals', description: "A graph's: the label." }),
  kind: z.enum(['table', 'node', 'relationship']),
  description: z.string().nullable(),
  row_count: z.number().nullable().openapi({ description: 'null: not known.' }),
  columns: z.array(Column),
  keys: z.array(z.array(z.string())),
  references: z.array(z.object({ columns: z.array(z.string()), table: z.string(), to: z.array(z.string()) })),
  tenant_column: z
    .string()
    .optional()
    .openapi({ description: "Only rows with the tenant's id in it are seen." }),
  time_column: z.string().optional().openapi({ description: 'What a time series is ordered by.' }),
});

const FoundrySchema = z
  .object({
    sources: z.array(
      z.object({
        target: z.enum(FOUNDRY_TARGETS),
        dialect: z.enum(DIALECTS),
        available: z
          .boolean()
          .openapi({ description: 'false: the store did not answer; tables are as last known.' }),
        tables: z.array(Table),
      }),
    ),
  })
  .openapi('FoundrySchema');

const contract = createRoute({
  method: 'get',
  path: '/v1/foundry/schema',
  tags: ['Foundry'],
  summary: 'List what can be asked about',
  description:
    "The tenant's tables in every configured store. A store that is down is not available, the others answer.",
  security: SECURITY,
  request: {
    query: z.strictObject({
      source: z.enum(FOUNDRY_TARGETS).optional().openapi({ description: 'Only this store.' }),
    }),
  },
  responses: { 200: json(FoundrySchema, 'The catalog'), ...problems(422) },
});

export function foundrySchemaRoute(app: Api): void {
  app.openapi(contract, async (c) => {
    const { source } = c.req.valid('query');
    const { catalog } = await foundrySchema(c.get('ctx'));
    const sources = catalog.sources.filter(({ target }) => source === undefined || target === source);
    return c.json({ sources: sources.map(sourceEntry) }, 200);
  });
}

function sourceEntry({ tables, ...source }: CatalogSource) {
  return {
    ...source,
    tables: tables.map(({ rowCount, tenantColumn, timeColumn, ...table }) => ({
      ...table,
      row_count: rowCount,
      ...(tenantColumn === null ? {} : { tenant_column: tenantColumn }),
      ...(timeColumn === null ? {} : { time_column: timeColumn }),
    })),
  };
}
