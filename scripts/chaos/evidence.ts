import type { Sql } from 'postgres';
import type { TableStats } from '../../src/domain/stats.ts';
import type { Connector } from './connectors.ts';

/** What Ivory's own tables say at the end. */
export interface Evidence {
  rows: ConnectorRow[];
  runs: RunRow[];
  history: HistoryRow[];
  rejected: RejectedRow[];
  audit: AuditRow[];
}

export interface ConnectorRow {
  id: string;
  tenantId: string;
  tapState: string | null;
  rowsTotal: number;
  consecutiveFailures: number;
}

export interface RunRow {
  id: string;
  tenantId: string;
  connectorId: string;
  status: string;
  trigger: string;
  scheduledFor: string;
  startedAt: Date | null;
  finishedAt: Date | null;
  leaseUntil: Date | null;
  fence: number;
  logTail: string;
}

export interface HistoryRow {
  id: string;
  tenantId: string;
  connectorId: string;
  status: string;
  rowsSynced: number;
  rowsLoaded: number;
  transformErrors: number;
  tables: TableStats[];
  errorCode: string | null;
  errorMsg: string | null;
}

export interface RejectedRow {
  tenantId: string;
  connectorId: string;
  runId: string;
  stream: string;
  row: string;
  error: string;
}

export interface AuditRow {
  tenantId: string;
  action: string;
  subject: string;
  actor: string;
}

export async function gatherEvidence(sql: Sql): Promise<Evidence> {
  const [rows, runs, history, rejected, audit] = await Promise.all([
    sql<
      ConnectorRow[]
    >`select id, tenant_id as "tenantId", tap_state::text as "tapState", rows_total::int as "rowsTotal",
      consecutive_failures as "consecutiveFailures" from etl.meltano_connectors`,
    sql<RunRow[]>`select id, tenant_id as "tenantId", connector_id as "connectorId", status, trigger, fence,
      scheduled_for::text as "scheduledFor", started_at as "startedAt", finished_at as "finishedAt", lease_until as "leaseUntil",
      log_tail as "logTail" from etl.runner_jobs order by load_id`,
    sql<HistoryRow[]>`select id, tenant_id as "tenantId", connector_id as "connectorId", status, tables,
      rows_synced::int as "rowsSynced", rows_loaded::int as "rowsLoaded", transform_errors::int as "transformErrors",
      error_code as "errorCode", error_msg as "errorMsg" from etl.sync_runs order by load_id`,
    sql<
      RejectedRow[]
    >`select tenant_id as "tenantId", connector_id as "connectorId", run_id as "runId", stream,
      "row"::text as "row", error from etl.rejected_rows order by id`,
    sql<AuditRow[]>`select tenant_id as "tenantId", action, subject, actor from audit.events order by id`,
  ]);
  return {
    rows: [...rows],
    runs: [...runs],
    history: [...history],
    rejected: [...rejected],
    audit: [...audit],
  };
}

/** "acme deals" */
export function nameOf({ tenant, kind }: Connector): string {
  return `${tenant} ${kind.name}`;
}

/** Whether what a run loaded counts: its bookmark was kept with it. */
export function movedOn({ status }: { status: string }): boolean {
  return status === 'completed' || status === 'partial';
}
