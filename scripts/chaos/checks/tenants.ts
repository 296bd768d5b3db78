import type { Sql } from 'postgres';
import type { Connector } from '../connectors.ts';
import type { Evidence } from '../evidence.ts';
import { type Check, check } from './check.ts';
import { type LogLine, readLog } from './logs.ts';

/** Rows say whose they are; so do ids. */
export async function checkTenants(
  sql: Sql,
  connectors: readonly Connector[],
  { evidence, logs }: { evidence: Evidence; logs: readonly string[] },
): Promise<Check> {
  const owners = new Map(connectors.map(({ id, tenant }) => [id, tenant]));
  for (const { id, tenantId } of evidence.runs) owners.set(id, tenantId);
  const tables = await ownedTables(sql, connectors);
  const foreign = await foreignRows(sql, tables);
  const lines = logs.flatMap((path) => readLog(path).lines);
  const details = [
    ...foreign,
    ...foreignRecords(evidence, connectors),
    ...foreignAudit(evidence, owners),
    ...foreignLines(lines, owners),
  ];
  return check(
    'nothing of one tenant is at another: staging, lakehouse, rejected rows, audit, logs',
    `${tables.length} tables, ${evidence.audit.length} audit events, ${lines.length} log lines`,
    details,
  );
}

interface OwnedTable {
  schema: string;
  table: string;
  tenant: string;
}

async function ownedTables(sql: Sql, connectors: readonly Connector[]): Promise<OwnedTable[]> {
  const tenants = new Map(
    connectors.flatMap(({ stagingSchema, namespace, tenant }) => [
      [stagingSchema, tenant],
      [namespace, tenant],
    ]),
  );
  const rows = await sql<{ schema: string; table: string }[]>`
    select table_schema as schema, table_name as table from information_schema.columns
    where column_name = 'owner' and table_schema = any(${[...tenants.keys()]})`;
  return rows.map((row) => ({ ...row, tenant: tenants.get(row.schema) ?? '' }));
}

async function foreignRows(sql: Sql, tables: readonly OwnedTable[]): Promise<string[]> {
  const details: string[] = [];
  for (const { schema, table, tenant } of tables) {
    const [row] = await sql.unsafe<{ n: number }[]>(
      `select count(*)::int as n from "${schema}"."${table}" where owner is distinct from $1`,
      [tenant],
    );
    if (row?.n !== 0) details.push(`${schema}.${table}: ${row?.n} rows that are not ${tenant}'s`);
  }
  return details;
}

function foreignRecords(
  { rejected, runs, history, rows }: Evidence,
  connectors: readonly Connector[],
): string[] {
  const owners = new Map(connectors.map(({ id, tenant }) => [id, tenant]));
  const told = [...rejected, ...runs, ...history].filter(
    (row) => owners.get(row.connectorId) !== row.tenantId,
  );
  const ids = rows.filter((row) => owners.get(row.id) !== row.tenantId).map(({ id }) => `connector ${id}`);
  const tenants = [...new Set(owners.values())];
  const listed = rejected.filter(
    ({ row, tenantId }) => (JSON.parse(row) as { owner: string }).owner !== tenantId,
  );
  const heard = runs.filter(({ logTail, tenantId }) =>
    tenants.some((other) => other !== tenantId && logTail.includes(`the source of ${other}`)),
  );
  return [
    ...told.map((row) => `${row.tenantId} has a row of connector ${row.connectorId}`),
    ...ids,
    ...listed.map(({ runId }) => `a rejected row of run ${runId} is somebody else's`),
    ...heard.map(({ id }) => `the log of run ${id} has another tenant's lines`),
  ];
}

function foreignAudit({ audit }: Evidence, owners: ReadonlyMap<string, string>): string[] {
  return audit
    .filter(({ subject, tenantId, actor }) => {
      const isForeign = owners.has(subject) && owners.get(subject) !== tenantId;
      return isForeign || (actor.startsWith('user:') && actor !== `user:${tenantId}`);
    })
    .map(({ tenantId, action, subject, actor }) => `${tenantId} audits ${action} of ${subject} by ${actor}`);
}

function foreignLines(lines: readonly LogLine[], owners: ReadonlyMap<string, string>): string[] {
  return lines
    .filter(({ tenantId, connectorId, runId }) =>
      [connectorId, runId].some((id) => id && tenantId && owners.has(id) && owners.get(id) !== tenantId),
    )
    .map((line) => `a log line names ${line.tenantId} and ${line.connectorId ?? line.runId}`);
}
