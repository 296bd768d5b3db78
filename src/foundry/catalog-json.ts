import { z } from 'zod';
import {
  type Catalog,
  type CatalogColumn,
  type CatalogSource,
  type CatalogTable,
  DIALECTS,
  FOUNDRY_TARGETS,
} from '../domain/foundry/catalog.ts';
import { InvalidError } from '../errors.ts';

const Column = z.object({
  name: z.string(),
  type: z.string().default('unknown'),
  nullable: z.boolean().default(true),
  description: z.string().nullable().default(null),
  samples: z.array(z.unknown()).default([]),
});

const Table = z.object({
  name: z.string().min(1),
  kind: z.enum(['table', 'node', 'relationship']).default('table'),
  description: z.string().nullable().default(null),
  row_count: z.number().nullable().default(null),
  columns: z.array(Column).default([]),
  keys: z.array(z.array(z.string())).default([]),
  references: z
    .array(z.object({ columns: z.array(z.string()), table: z.string(), to: z.array(z.string()) }))
    .default([]),
  tenant_column: z.string().nullish(),
  time_column: z.string().nullish(),
});

const Source = z.object({
  target: z.enum(FOUNDRY_TARGETS),
  dialect: z.enum(DIALECTS),
  available: z.boolean().default(true),
  tables: z.array(Table).default([]),
});

/** What GET /v1/foundry/schema answers. */
export const CatalogJson = z.object({ sources: z.array(Source) });
export type CatalogJson = z.output<typeof CatalogJson>;

/** Reads the JSON form of a catalog; only names must be there. Throws InvalidError `catalog.invalid` with the path of every fault. */
export function parseCatalogJson(value: unknown): Catalog {
  const parsed = CatalogJson.safeParse(value);
  if (parsed.success) return { sources: parsed.data.sources.map(sourceOf) };
  const errors = parsed.error.issues.map((issue) => ({
    field: issue.path.join('.'),
    message: issue.message,
  }));
  const lines = errors.map(({ field, message }) => `  ${field || '(the whole)'}: ${message}`);
  throw new InvalidError('catalog.invalid', `This is no catalog:\n${lines.join('\n')}`, { errors });
}

export function catalogJson({ sources }: Catalog): CatalogJson {
  return {
    sources: sources.map(({ tables, ...source }) => ({
      ...source,
      tables: tables.map(({ rowCount, tenantColumn, timeColumn, ...table }) => ({
        ...table,
        row_count: rowCount,
        ...(tenantColumn === null ? {} : { tenant_column: tenantColumn }),
        ...(timeColumn === null ? {} : { time_column: timeColumn }),
      })),
    })),
  };
}

function sourceOf({ tables, ...source }: z.output<typeof Source>): CatalogSource {
  return { ...source, tables: tables.map(tableOf) };
}

function tableOf(table: z.output<typeof Table>): CatalogTable {
  const { row_count: rowCount, tenant_column, time_column, columns, ...same } = table;
  return {
    ...same,
    rowCount,
    columns: columns.map(columnOf),
    tenantColumn: tenant_column ?? null,
    timeColumn: time_column ?? null,
  };
}

function columnOf({ samples, ...column }: z.output<typeof Column>): CatalogColumn {
  return {
    ...column,
    samples: samples.map((sample) => (typeof sample === 'string' ? sample : JSON.stringify(sample))),
  };
}
