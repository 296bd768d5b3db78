import { join } from 'node:path';
import { sealConfig } from '../../src/domain/config-envelope.ts';
import type { ApiClient } from './api.ts';
import type { SourceSpec } from './model.ts';
import { type SourceNow, type TapConfig, writeNow } from './source-file.ts';
import { type ConnectorKind, KINDS } from './sources.ts';

/** A connector of the round, and what its source is. */
export interface Connector {
  tenant: string;
  kind: ConnectorKind;
  id: string;
  secret: string;
  stagingSchema: string;
  namespace: string;
  source: SourceSpec;
  /** Of the source, for its tap. */
  file: string;
  now: SourceNow;
  isDeleted: boolean;
}

export const CATALOG = 'lake';
export const TAP = 'tap-model';
const FIRST_ROWS = 300;
/** Fields of a mapped stream, their types, what is made of them. */
const MAPPED = [
  ['id', 'integer', null],
  ['owner', 'string', null],
  ['seq', 'integer', null],
  ['amount', 'integer', '840 // v'],
  ['note', 'string', 'v.strip().upper()'],
] as const;

export interface Registering {
  api: ApiClient;
  folder: string;
  configKey: Buffer;
  seed: number;
}

export async function registerConnectors(
  tenants: readonly string[],
  registering: Registering,
): Promise<Connector[]> {
  const connectors: Connector[] = [];
  for (const [t, tenant] of tenants.entries()) {
    for (const [k, kind] of KINDS.entries()) {
      const seed = registering.seed * 1000 + t * 100 + k;
      connectors.push(await register(tenant, kind, { ...registering, seed }));
    }
  }
  return connectors;
}

async function register(tenant: string, kind: ConnectorKind, { api, folder, configKey, seed }: Registering) {
  const source = { owner: tenant, seed, streams: kind.streams };
  const file = join(folder, 'sources', `${tenant}-${kind.name}.json`);
  const now = { heads: Object.fromEntries(kind.streams.map(({ name }) => [name, FIRST_ROWS])), calm: false };
  writeNow(file, now);
  const isExternal = kind.runner === 'external';
  const body = await must(api, {
    tenant,
    path: '/v1/admin/connectors',
    body: {
      source_system: kind.name,
      tap_name: isExternal ? 'tap-salesforce' : TAP,
      connector_type: isExternal ? 'meltano' : 'custom',
      destination_catalog: CATALOG,
      destination_table: kind.name,
      load_mode: kind.loadMode,
      sync_schedule: isExternal ? '0 0 1 1 *' : '* * * * *',
      ...(!isExternal && { config_encrypted: sealConfig(configKey, { ...configOf(kind, source, file) }) }),
    },
    right: 201,
  });
  const connector: Connector = {
    tenant,
    kind,
    id: String(body['id']),
    secret: String(body['webhook_secret']),
    stagingSchema: String(body['staging_schema']),
    namespace: String(body['iomete_namespace']),
    source,
    file,
    now,
    isDeleted: false,
  };
  // its runner is not one of Ivory's: they must never start it
  if (isExternal) await must(api, { tenant, path: `/v1/admin/connectors/${connector.id}/pause`, right: 200 });
  for (const stream of kind.mapped) await map(api, connector, stream);
  return connector;
}

function configOf({ tap }: ConnectorKind, source: SourceSpec, file: string): TapConfig {
  const well = { refusals: 0, breaksOneIn: 0, fillsOneIn: 0, paceMs: 0, stubborn: false, family: false };
  return { ...well, ...tap, source, file };
}

/** Proposed by name, then given its transforms by a reviewer. */
async function map(api: ApiClient, { tenant, id, kind }: Connector, stream: string): Promise<void> {
  const path = `/v1/admin/connectors/${id}/map-fields`;
  const schema = Object.fromEntries(MAPPED.map(([field, type]) => [field, type]));
  const { mappings } = await must(api, {
    tenant,
    path,
    body: {
      source_stream: stream,
      source_schema: schema,
      target_schema: 'custom',
      target_table: kind.name,
      target_schema_def: schema,
    },
    right: 201,
  });
  for (const mapping of mappings as { id: string; source_field: string }[]) {
    const [, , transform_fn] = MAPPED.find(([field]) => field === mapping.source_field) ?? [];
    await must(api, {
      tenant,
      method: 'PUT',
      path: `/v1/admin/connectors/${id}/mappings/${mapping.id}`,
      body: { reviewed: true, transform_fn },
      right: 200,
    });
  }
  const mapped = (mappings as unknown[]).length;
  if (mapped !== MAPPED.length)
    throw new Error(`${mapped} of ${MAPPED.length} fields of ${kind.name} are mapped`);
}

interface Step {
  tenant: string;
  method?: 'POST' | 'PUT';
  path: string;
  body?: unknown;
  right: number;
}

async function must(
  api: ApiClient,
  { method = 'POST', right, ...step }: Step,
): Promise<Record<string, unknown>> {
  const answer = await api.call({ ...step, method, name: 'setup', right: [right] });
  if (answer?.status !== right)
    throw new Error(`${step.path}: ${answer?.status} ${JSON.stringify(answer?.body)}`);
  return answer.body;
}
