import { z } from '@hono/zod-openapi';
import { CONNECTOR_STATUSES, CONNECTOR_TYPES } from '../../../domain/connector-state.ts';
import { RUN_STATUSES } from '../../../domain/run-state.ts';
import type { getConnector } from '../../../services/connectors/get.ts';
import { Timestamp, timestampOrNull } from '../../contract.ts';

type ConnectorSummary = Omit<
  Awaited<ReturnType<typeof getConnector>>,
  'hasConfig' | 'currentRun' | 'mappingCount' | 'runCount' | 'totalRowsLoaded'
>;

/** A connector as the list shows it; the detail has all of this too. */
export const ConnectorEntry = z
  .object({
    id: z.string(),
    source_system: z.string(),
    tap_name: z.string(),
    connector_type: z.enum(CONNECTOR_TYPES),
    destination_catalog: z.string(),
    iomete_namespace: z.string(),
    iomete_table: z.string(),
    sync_schedule: z.string(),
    status: z.enum(CONNECTOR_STATUSES),
    consecutive_failures: z.int(),
    rows_total: z.int(),
    last_synced_at: Timestamp.nullable(),
    next_run_at: Timestamp.nullable(),
    last_run_status: z.enum(RUN_STATUSES).nullable(),
    last_run_rows: z.int().nullable(),
    last_run_rows_loaded: z.int().nullable(),
    last_run_at: Timestamp.nullable(),
    last_error: z.string().nullable(),
  })
  .openapi('ConnectorEntry');

export function connectorEntry(connector: ConnectorSummary): z.infer<typeof ConnectorEntry> {
  const { lastRun } = connector;
  return {
    id: connector.id,
    source_system: connector.sourceSystem,
    tap_name: connector.tapName,
    connector_type: connector.connectorType,
    destination_catalog: connector.destinationCatalog,
    iomete_namespace: connector.namespace,
    iomete_table: connector.destinationTable,
    sync_schedule: connector.syncSchedule,
    status: connector.status,
    consecutive_failures: connector.consecutiveFailures,
    rows_total: connector.rowsTotal,
    last_synced_at: timestampOrNull(connector.lastSyncedAt),
    next_run_at: timestampOrNull(connector.nextRunAt),
    last_run_status: lastRun?.status ?? null,
    last_run_rows: lastRun?.rowsSynced ?? null,
    last_run_rows_loaded: lastRun?.rowsLoaded ?? null,
    last_run_at: timestampOrNull(lastRun?.completedAt ?? null),
    last_error: connector.lastError,
  };
}
