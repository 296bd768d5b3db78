import { createPostgresLakehouse } from '../../src/adapters/lakehouse/postgres.ts';
import type { Sql } from '../../src/db/client.ts';
import type { Installation } from '../shared/installation.ts';
import { seedConnectors } from '../shared/seed-connectors.ts';
import { TAP } from './small-tap.ts';

export interface Scale {
  connectors: number;
  tenants: number;
  /** Connectors of them that run. */
  runs: number;
  /** Ended runs in the history, shared out evenly. */
  history: number;
}

const DAY_S = 86_400;

/** Connectors none of which is due before tomorrow, their past, and the namespaces of the tenants whose connectors will run. */
export async function seedScale(
  { database, databaseUrl }: Installation,
  scale: Scale,
  say: (line: string) => void,
): Promise<void> {
  await seedConnectors(database.sql, { ...scale, dueAt: null, tapName: TAP });
  say(`${scale.connectors} connectors of ${scale.tenants} tenants are there`);
  await seedHistory(database.sql, scale);
  if (scale.history > 0) say(`${scale.history} ended runs are there`);
  const lakehouse = createPostgresLakehouse({ url: databaseUrl });
  try {
    const tenants = Math.min(scale.tenants, scale.runs);
    // the n-th connector is of tenant n modulo the number of tenants, counted from 1
    for (let n = 1; n <= tenants; n++) {
      const tenant = `t${n % scale.tenants}`;
      await lakehouse.provision(tenant, `ivory_tenant_${tenant}`);
    }
    say(`${tenants} namespaces are provisioned`);
  } finally {
    await lakehouse.close();
  }
}

async function seedHistory(sql: Sql, { connectors, history }: Scale): Promise<void> {
  const each = Math.ceil(history / connectors);
  if (each === 0) return;
  await sql`insert into etl.runner_jobs (id, tenant_id, connector_id, status, trigger, scheduled_for, fence, attempt, worker_id,
      created_at, started_at, reported_at, finished_at, rows_written, duration_s)
    select gen_random_uuid(), tenant_id, id, 'completed', 'schedule', at, 2, 1, 'past', at, at, at, at, 10, 1
    from etl.meltano_connectors cross join generate_series(1, ${each}::int) k
      cross join lateral (select now() - interval '1 day' - (${each} - k) * interval '1 second' * (${20 * DAY_S}::float8 / ${each}) as at) t
    limit ${history}`;
  await sql`insert into etl.sync_runs (id, tenant_id, connector_id, load_id, status, trigger, rows_synced, rows_loaded, transform_errors,
      tables, stream_stats, iomete_table, started_at, completed_at, duration_s)
    select id, tenant_id, connector_id, load_id, status, trigger, 10, 10, 0, '[]', '{}', 'past', started_at, finished_at, 1
    from etl.runner_jobs`;
  await sql`vacuum analyze etl.runner_jobs`;
  await sql`vacuum analyze etl.sync_runs`;
}
