import { setTimeout as wait } from 'node:timers/promises';
import type { Sql } from 'postgres';
import type { Fleet, Member } from './fleet.ts';
import { type Fault, faultLine } from './plan.ts';
import type { PostgresService, RedisService } from './services.ts';

export interface Hurt {
  /** Straight to Postgres. */
  sql: Sql;
  fleet: Fleet;
  postgres: PostgresService;
  redis: RedisService;
}

export interface FaultRun {
  /** Those that were done. */
  done(): readonly Fault[];
  /** The last one, in words. */
  last(): string;
  /** Resolves when the last has been done and undone. */
  finished: Promise<void>;
}

const BUSY_MS = 3_000;
const POLL_MS = 15;

/** Does what is planned, each in its time; faults overlap, but of one kind of thing only one is under way. */
export function startFaults(plan: readonly Fault[], hurt: Hurt, signal: AbortSignal): FaultRun {
  const done: Fault[] = [];
  const startedAt = performance.now();
  const underWay = new Map<string, Promise<void>>();

  async function work(): Promise<void> {
    for (const fault of plan) {
      const waitMs = fault.atMs - (performance.now() - startedAt);
      if (waitMs > 0) await wait(waitMs, undefined, { signal }).catch(() => {});
      if (signal.aborted) break;
      const thing = thingOf(fault);
      await underWay.get(thing);
      done.push(fault);
      underWay.set(
        thing,
        apply(fault, hurt).catch((error: unknown) => {
          process.stderr.write(`chaos: ${faultLine(fault)} could not be done: ${String(error)}\n`);
        }),
      );
    }
    await Promise.all(underWay.values());
  }
  return {
    done: () => done,
    last: () => done.slice(-1).map(faultLine).join(),
    finished: work(),
  };
}

/** What is broken by it: a process, one of its links, a service. */
function thingOf(fault: Fault): string {
  if ('service' in fault) return `${fault.target} ${fault.service}`;
  if ('target' in fault) return fault.target;
  return fault.kind.startsWith('redis') ? 'redis' : 'postgres';
}

async function apply(fault: Fault, { fleet, postgres, redis, sql }: Hurt): Promise<void> {
  if ('target' in fault) await untilBusy(sql, fleet.member(fault.target));
  switch (fault.kind) {
    case 'kill':
      return fleet.member(fault.target).kill(fault.downMs);
    case 'terminate':
      return fleet.member(fault.target).terminate();
    case 'freeze':
      return freezing(fleet.member(fault.target), fault.forMs);
    case 'redis-lost':
      await redis.lose();
      await wait(fault.downMs);
      return redis.startAgain();
    case 'redis-flushed':
      return redis.flush();
    case 'redis-frozen':
      return freezing(redis, fault.forMs);
    case 'postgres-crashed':
      await postgres.crash();
      await wait(fault.downMs);
      return postgres.startAgain();
    case 'postgres-frozen':
      return freezing(postgres, fault.forMs);
    case 'backends-ended':
      return void (await postgres.endBackends(fault.oneIn));
    case 'link-cut':
    case 'link-stalled':
    case 'link-reset':
      return hurtLink(fault, fleet);
  }
}

/** What happens to a worker that has nothing to do proves little: waits a moment for it to hold a run. */
async function untilBusy(sql: Sql, member: Member): Promise<void> {
  if (!/^(?:runner|transform)-/.test(member.name)) return;
  const late = AbortSignal.timeout(BUSY_MS);
  const looking = (async () => {
    while (!late.aborted) {
      const [held] = await sql`select from etl.runner_jobs where status in ('running', 'loading')
        and lease_until is not null and worker_id like ${`%:${member.pid()}:%`}`;
      if (held) return;
      await wait(POLL_MS);
    }
  })().catch(() => {});
  await Promise.race([looking, wait(BUSY_MS)]);
}

async function freezing(thing: { freeze(): void; thaw(): void }, forMs: number): Promise<void> {
  thing.freeze();
  await wait(forMs);
  thing.thaw();
}

type LinkFault = Extract<Fault, { service: unknown }>;

async function hurtLink(fault: LinkFault, fleet: Fleet): Promise<void> {
  const link = fleet.member(fault.target).links[fault.service];
  if (fault.kind === 'link-stalled') link.stall();
  else link.cut(fault.kind === 'link-cut' ? 'end' : 'reset');
  if ('forMs' in fault) await wait(fault.forMs);
  link.open();
}
