import { setTimeout as wait } from 'node:timers/promises';
import type { Sql } from 'postgres';
import type { Random } from '../../test/harness/seeded-random.ts';
import type { ApiClient } from './api.ts';
import type { Connector } from './connectors.ts';
import { bookmarkIn, type ExternalRunner } from './external-runner.ts';
import type { Hurt } from './faults.ts';
import { writeNow } from './source-file.ts';

export interface Settling {
  api: ApiClient;
  sql: Sql;
  connectors: readonly Connector[];
  external: ExternalRunner;
  random: Random;
  timeoutMs: number;
}

const POLL_MS = 500;
/** A trigger joins an unfinished run or makes one; asked so often it cannot be lost. */
const ASK_AGAIN_MS = 4_000;

/** Everything runs and is reachable again. */
export async function heal({ fleet }: Hurt, timeoutMs: number): Promise<void> {
  for (const member of fleet.members) {
    member.thaw();
    for (const link of Object.values(member.links)) link.open();
  }
  const late = AbortSignal.timeout(timeoutMs);
  await Promise.race([
    Promise.all(fleet.members.map((member) => member.ready())),
    new Promise<never>((_, reject) =>
      late.addEventListener('abort', () => reject(new Error('not every process serves again'))),
    ),
  ]);
}

/**
 * Sources are calm and change no more: every connector is resumed where it stopped, has one more completed run that ends at its source's
 * newest version, and is paused. Answers those that did not get there in time, and why.
 */
export async function settle(settling: Settling): Promise<string[]> {
  const alive = settling.connectors.filter((connector) => !connector.isDeleted);
  const [{ clock } = { clock: new Date() }] = await settling.sql<
    { clock: Date }[]
  >`select clock_timestamp() as clock`;
  for (const { file, now } of alive) {
    now.calm = true;
    writeNow(file, now);
  }
  const deadline = performance.now() + settling.timeoutMs;
  const stories = await Promise.all(
    alive.map((connector) => lastRun(settling, connector, { since: clock, deadline })),
  );
  await Promise.all(alive.map((connector) => pause(settling, connector)));
  const quiet = await untilQuiet(settling.sql, deadline);
  return [...stories.filter((story) => story !== null), ...quiet];
}

interface Bounds {
  since: Date;
  deadline: number;
}

async function lastRun(
  settling: Settling,
  connector: Connector,
  { since, deadline }: Bounds,
): Promise<string | null> {
  let askedAt = Number.NEGATIVE_INFINITY;
  for (;;) {
    const found = await standing(settling.sql, connector);
    if (found.status === 'completed' && found.createdAt > since && isAtHead(connector, found.state))
      return null;
    if (performance.now() > deadline)
      return `${connector.tenant} ${connector.kind.name}: ${JSON.stringify(found)}`;
    if (performance.now() - askedAt > ASK_AGAIN_MS) {
      askedAt = performance.now();
      await askForRun(settling, connector);
    }
    await wait(POLL_MS);
  }
}

/** Between the two a third failure may stop it again. */
async function askForRun({ api, external, random }: Settling, connector: Connector): Promise<void> {
  if (connector.kind.runner === 'external') return void (await external.run(connector, random));
  const { tenant, id } = connector;
  for (const verb of ['resume', 'trigger']) {
    const path = `/v1/admin/connectors/${id}/${verb}`;
    await api.call({ tenant, method: 'POST', name: verb, path, right: [200, 202, 409] });
  }
}

interface Standing {
  status: string;
  createdAt: Date;
  state: unknown;
  error: string | null;
}

async function standing(sql: Sql, { id }: Connector): Promise<Standing> {
  const [row] = await sql<{ status: string; created_at: Date; state: string | null; error: string | null }[]>`
    select r.status, r.created_at, c.tap_state::text as state, r.error_msg as error
    from etl.meltano_connectors c left join lateral (
      select * from etl.runner_jobs where connector_id = c.id order by load_id desc limit 1) r on true
    where c.id = ${id}`;
  if (!row) return { status: 'gone', createdAt: new Date(0), state: null, error: null };
  return {
    status: row.status,
    createdAt: row.created_at,
    state: JSON.parse(row.state ?? 'null'),
    error: row.error,
  };
}

export function isAtHead({ now }: Connector, state: unknown): boolean {
  return Object.entries(now.heads).every(([stream, head]) => bookmarkIn(state, stream) === head);
}

async function pause({ api }: Settling, { tenant, id }: Connector): Promise<void> {
  const path = `/v1/admin/connectors/${id}/pause`;
  await api.call({ tenant, method: 'POST', name: 'pause', path, right: [200] });
}

async function untilQuiet(sql: Sql, deadline: number): Promise<string[]> {
  for (;;) {
    const open = await sql<{ id: string; status: string }[]>`
      select id, status from etl.runner_jobs where status in ('queued', 'running', 'loading')`;
    const [outbox] = await sql<{ n: number }[]>`select count(*)::int as n from etl.outbox`;
    if (open.length === 0 && outbox?.n === 0) return [];
    if (performance.now() > deadline) return open.map(({ id, status }) => `run ${id} is ${status}`);
    await wait(POLL_MS);
  }
}
