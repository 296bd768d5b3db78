import { z } from 'zod';
import { type CatalogReference, FOUNDRY_TARGETS, type FoundryTarget } from '../domain/foundry/catalog.ts';
import { InvalidError } from '../errors.ts';

/** What an operator knows of a table that its store does not: FOUNDRY_CATALOG_FILE, docs/foundry-stores.md. */
export interface DeclaredTable {
  /** As the store names it; a label in the graph. */
  name: string;
  /** Rows of several tenants are in it; only those with the tenant's id in this column are that tenant's. */
  tenantColumn: string | null;
  /** Who may read it beside the tenant whose namespace it is in; "*": every tenant. */
  tenants: readonly string[];
  description: string | null;
  /** Descriptions by column. */
  columns: ReadonlyMap<string, string>;
  keys: readonly string[][];
  references: readonly CatalogReference[];
}

export type CatalogFile = Readonly<Record<FoundryTarget, readonly DeclaredTable[]>>;

const EVERYBODY = '*';
const name = z.string().min(1).max(200);
const names = z.array(name).min(1);

const Table = z
  .strictObject({
    name,
    tenant_column: name.optional(),
    tenants: names.optional(),
    description: z.string().max(2_000).optional(),
    columns: z.record(name, z.string().max(2_000)).default({}),
    keys: z.array(names).default([]),
    references: z.array(z.strictObject({ columns: names, table: name, to: names })).default([]),
  })
  .transform(
    (table): DeclaredTable => ({
      name: table.name,
      tenantColumn: table.tenant_column ?? null,
      // a table that says whose each row is can be read by all of them
      tenants: table.tenants ?? (table.tenant_column === undefined ? [] : [EVERYBODY]),
      description: table.description ?? null,
      columns: new Map(Object.entries(table.columns)),
      keys: table.keys,
      references: table.references,
    }),
  );

const Tables = z.strictObject({
  tables: z.array(Table).superRefine((tables, context) => {
    const seen = new Set<string>();
    tables.forEach(({ name }, n) => {
      if (seen.has(name)) context.addIssue({ code: 'custom', path: [n, 'name'], message: 'is there twice' });
      seen.add(name);
    });
  }),
});

const File = z.partialRecord(z.enum(FOUNDRY_TARGETS), Tables);

export const NOTHING_DECLARED: CatalogFile = { iomete: [], questdb: [], falkordb: [], postgres: [] };

/** Throws InvalidError `config.catalog_file_invalid`: every fault with its place in `file`. */
export function readCatalogFile(text: string, file: string): CatalogFile {
  const result = File.safeParse(parsed(text, file));
  if (!result.success)
    throw invalid(
      file,
      result.error.issues.map(({ path, message }) => ({
        field: path.map(String).join('.') || '(whole file)',
        message,
      })),
    );
  const given = Object.entries(result.data).map(([target, section]) => [target, section?.tables ?? []]);
  return { ...NOTHING_DECLARED, ...Object.fromEntries(given) };
}

export function declared(file: CatalogFile, target: FoundryTarget): readonly DeclaredTable[] {
  return file[target];
}

/** Whether the operator lets this tenant read the table, whosever namespace it is in. */
export function isDeclaredFor({ tenants }: DeclaredTable, tenantId: string): boolean {
  return tenants.includes(EVERYBODY) || tenants.includes(tenantId);
}

function parsed(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw invalid(file, [{ field: '(whole file)', message: 'is not JSON' }], cause);
  }
}

function invalid(file: string, errors: { field: string; message: string }[], cause?: unknown): InvalidError {
  const lines = errors.map(({ field, message }) => `  ${field}: ${message}`);
  return new InvalidError(
    'config.catalog_file_invalid',
    `The catalog file ${file} cannot be used:\n${lines.join('\n')}`,
    { errors, cause },
  );
}
