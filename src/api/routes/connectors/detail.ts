import { z } from '@hono/zod-openapi';
import { LOAD_MODES } from '../../../domain/connector-state.ts';
import { parseLossless } from '../../../domain/lossless-json.ts';
import { UNFINISHED } from '../../../domain/run-state.ts';
import type { getConnector } from '../../../services/connectors/get.ts';
import { Timestamp, timestamp } from '../../contract.ts';
import { ConnectorEntry, connectorEntry } from './entry.ts';

export const ConnectorDetail = ConnectorEntry.extend({
  mapping_count: z.int(),
  run_count: z.int().openapi({ description: 'Finished runs.' }),
  total_rows_loaded_iomete: z.int(),
  tap_state: z
    .unknown()
    .openapi({ type: ['object', 'null'], description: 'The Singer state, numbers as the tap wrote them.' }),
  tap_version: z.string().nullable(),
  meltano_environment: z.string(),
  timezone: z.string(),
  load_mode: z.enum(LOAD_MODES),
  staging_schema: z.string(),
  state_version: z.int(),
  current_run: z
    .object({ id: z.string(), status: z.enum(UNFINISHED) })
    .nullable()
    .openapi({ description: 'The unfinished run, if there is one: its id leads to its log and its cancel.' }),
  has_config: z.boolean().openapi({ description: 'Whether config_encrypted is set. It is never returned.' }),
  version: z.int(),
  created_at: Timestamp,
  updated_at: Timestamp,
}).openapi('ConnectorDetail');

export function connectorDetail(
  connector: Awaited<ReturnType<typeof getConnector>>,
): z.infer<typeof ConnectorDetail> {
  return {
    ...connectorEntry(connector),
    mapping_count: connector.mappingCount,
    run_count: connector.runCount,
    total_rows_loaded_iomete: connector.totalRowsLoaded,
    tap_state: connector.tapState === null ? null : parseLossless(connector.tapState),
    tap_version: connector.tapVersion,
    meltano_environment: connector.meltanoEnvironment,
    timezone: connector.timezone,
    load_mode: connector.loadMode,
    staging_schema: connector.stagingSchema,
    state_version: connector.stateVersion,
    current_run: connector.currentRun,
    has_config: connector.hasConfig,
    version: connector.version,
    created_at: timestamp(connector.createdAt),
    updated_at: timestamp(connector.updatedAt),
  };
}
