import { fileURLToPath } from 'node:url';
import { signToken } from '../src/api/token.ts';
import { type ClientPlan, type LoadFigures, load } from './api/clients.ts';
import { type Installation, startInstallation } from './shared/installation.ts';
import { CLI, startServing } from './shared/ivory-process.ts';
import { alternate, type BenchOptions, median, type Outcome, rounded, type Side } from './shared/outcome.ts';
import { seedConnectors } from './shared/seed-connectors.ts';

const CLIENTS = 50;
const CONNECTORS_EACH = 20;
const ROUND_MS = 5_000;
const AIM = 0.6;
const BARE_SERVER = fileURLToPath(new URL('./api/bare-server.ts', import.meta.url));
const ROUTES = ['list', 'trigger'] as const;
type Route = (typeof ROUTES)[number];
type Figures = Record<Route, LoadFigures>;

/** Requests a second of `ivory api`, with tokens, log and queue, against bare Hono routes over the same queries. */
export async function run({ rounds, say }: BenchOptions): Promise<Outcome> {
  const installation = await startInstallation();
  try {
    await seedConnectors(installation.database.sql, {
      connectors: CLIENTS * CONNECTORS_EACH,
      tenants: CLIENTS,
      dueAt: null,
    });
    await seedHistory(installation);
    const plans = await clientPlans(installation);
    const { ivory, bare } = await alternate(rounds ?? 5, {
      ivory: async (round) =>
        spoken(`round ${round}: ivory`, await serveAndLoad(installation, CLI, ['api'], plans), say),
      bare: async (round) =>
        spoken(`round ${round}: bare`, await serveAndLoad(installation, BARE_SERVER, [], plans), say),
    });
    return outcome(ivory, bare);
  } finally {
    await installation.close();
  }
}

async function serveAndLoad(
  { environment, folder }: Installation,
  script: string,
  args: readonly string[],
  plans: Record<Route, readonly ClientPlan[]>,
): Promise<Figures> {
  const server = await startServing(script, args, { environment, folder });
  try {
    return {
      list: await load(server.ready, plans.list, ROUND_MS),
      trigger: await load(server.ready, plans.trigger, ROUND_MS),
    };
  } finally {
    await server.end();
  }
}

/** Five finished runs a connector: the list shows the last one. */
async function seedHistory({ database }: Installation): Promise<void> {
  await database.sql`insert into etl.sync_runs (id, tenant_id, connector_id, load_id, status, trigger, rows_synced,
      rows_loaded, transform_errors, tables, stream_stats, iomete_table, started_at, completed_at, duration_s)
    select gen_random_uuid(), c.tenant_id, c.id, n, 'completed', 'schedule', 1000, 1000, 0, '[]', '{}', 'ns.t', now(), now(), 9
    from etl.meltano_connectors c, generate_series(1, 5) n`;
  await database.sql`vacuum analyze etl.sync_runs`;
}

/** Each client is a tenant of its own, with its own token and its own connectors. */
async function clientPlans({ database, environment }: Installation): Promise<Record<Route, ClientPlan[]>> {
  const plans: Record<Route, ClientPlan[]> = { list: [], trigger: [] };
  for (let n = 0; n < CLIENTS; n++) {
    const tenantId = `t${n}`;
    const token = await signToken(environment['JWT_SECRET'] ?? '', { tenantId, ttlS: 3_600 });
    const headers = { authorization: `Bearer ${token}`, 'x-tenant': tenantId };
    const rows = await database.sql`select id from etl.meltano_connectors where tenant_id = ${tenantId}`;
    const paths = rows.map((row) => `/v1/admin/connectors/${row['id']}/trigger`);
    plans.list.push({ headers, method: 'GET', paths: ['/v1/admin/connectors'], status: 200 });
    plans.trigger.push({ headers, method: 'POST', paths, status: 202 });
  }
  return plans;
}

function spoken(who: string, figures: Figures, say: BenchOptions['say']): Figures {
  const texts = ROUTES.map((route) => `${route} ${Math.round(figures[route].requestsPerS)}/s`);
  say(`${who} ${texts.join(', ')}`);
  return figures;
}

function outcome(ivory: Figures[], bare: Figures[]): Outcome {
  const perS = (rounds: Figures[], route: Route) => median(rounds.map((round) => round[route].requestsPerS));
  const ratios = ROUTES.map((route) => rounded(perS(ivory, route) / perS(bare, route)));
  const ratio = Math.min(...ratios);
  return {
    name: 'api',
    aim: `${AIM}x of the requests/s of bare Hono routes, list and trigger`,
    ratio,
    ok: ratio >= AIM,
    sides: { 'ivory api': sideOf(ivory), 'bare Hono': sideOf(bare) },
    notes: [
      ...ROUTES.map((route, i) => `${route}: ${ratios[i]}x; the ratio below is the lower one`),
      `${CLIENTS} clients, each a tenant with ${CONNECTORS_EACH} connectors and a connection that stays open; each round starts its server anew`,
      'ivory: `ivory api` as shipped (token, scope, ids, access log to a file, body limit, headers, contract check, nudge to the queue); bare: the same queries, transaction, pool of 10 and rendering, no token, no log, no queue',
      'no scheduler runs, so every trigger makes its connector due; generator, server and Postgres share the cores',
    ],
  };
}

function sideOf(rounds: Figures[]): Side {
  const side: Side = {};
  for (const route of ROUTES) {
    const figures = rounds.map((round) => round[route]);
    side[`${route}_requests_per_s`] = Math.round(median(figures.map((figure) => figure.requestsPerS)));
    side[`${route}_p50_ms`] = rounded(median(figures.map((figure) => figure.p50Ms)), 1);
    side[`${route}_p99_ms`] = rounded(median(figures.map((figure) => figure.p99Ms)), 1);
    side[`${route}_rounds_per_s`] = figures.map((figure) => Math.round(figure.requestsPerS));
  }
  return side;
}
