import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { pick, type Random } from '../../test/harness/seeded-random.ts';
import type { ApiClient } from './api.ts';
import type { Connector } from './connectors.ts';
import type { ExternalRunner } from './external-runner.ts';
import { writeNow } from './source-file.ts';

/** What tenants and their sources do all the while. */
export interface Workload {
  /** No new request; resolves when those under way are answered. */
  stop(): Promise<void>;
  operations(): number;
  /** Answers to a repeated request that differ from the first. */
  contradictions: readonly string[];
}

export interface WorkloadOptions {
  api: ApiClient;
  connectors: readonly Connector[];
  external: ExternalRunner;
  random: Random;
  everyMs: number;
  /** When the doomed connectors are deleted. */
  doomAfterMs: number;
}

/** As seldom as a person would. */
const MAX_UNDER_WAY = 12;

export function startWorkload(options: WorkloadOptions): Workload {
  const { connectors, random, everyMs } = options;
  const closing = new AbortController();
  const underWay = new Set<Promise<unknown>>();
  const contradictions: string[] = [];
  const busy = new Set<string>();
  const startedAt = performance.now();
  let operations = 0;

  function begin(work: Promise<unknown>): void {
    operations += 1;
    underWay.add(work);
    void work.finally(() => underWay.delete(work));
  }

  async function loop(): Promise<void> {
    while (!closing.signal.aborted) {
      const doomed = connectors.find((one) => one.kind.doomed && !one.isDeleted && !busy.has(one.id));
      const connector = pick(random, connectors);
      const number = random.below(100);
      if (doomed && performance.now() - startedAt > options.doomAfterMs) begin(alone(doomed, remove));
      else if (!connector.isDeleted && underWay.size < MAX_UNDER_WAY) begin(operate(connector, number));
      await wait(everyMs, undefined, { signal: closing.signal }).catch(() => {});
    }
  }

  function operate(connector: Connector, number: number): Promise<unknown> {
    if (number < 35) return advance(connector, random);
    if (connector.kind.runner === 'external')
      return alone(connector, () => options.external.run(connector, random));
    if (number < 65) return trigger(options, connector, contradictions);
    if (number < 75) return alone(connector, () => pauseAndResume(options, connector));
    if (number < 86) return cancel(options, connector);
    if (number < 92) return resumeBroken(options, connector);
    return look(options, connector, number);
  }

  /** One at a time of those that would get in each other's way. */
  async function alone(
    connector: Connector,
    work: (one: Connector, all: WorkloadOptions) => Promise<unknown>,
  ) {
    if (busy.has(connector.id)) return;
    busy.add(connector.id);
    await work(connector, options).finally(() => busy.delete(connector.id));
  }

  const looping = loop();
  return {
    contradictions,
    operations: () => operations,
    async stop() {
      closing.abort();
      await looping;
      await Promise.all(underWay);
    },
  };
}

/** Of what is deleted nobody knows. */
const gone = ({ kind }: Connector) => (kind.doomed ? [404] : []);

const pathOf = ({ id }: Connector, rest = '') => `/v1/admin/connectors/${id}${rest}`;

async function advance(connector: Connector, random: Random): Promise<void> {
  for (const { name } of connector.source.streams) {
    connector.now.heads[name] = (connector.now.heads[name] ?? 0) + grown(random);
  }
  writeNow(connector.file, connector.now);
}

/** Mostly some, now and then many: a load of those takes long enough to be cut off. */
function grown(random: Random): number {
  return random.below(10) === 0 ? 2_000 + random.below(4_000) : random.below(200);
}

/** The same request twice is one trigger, at the same moment or one after the other. */
async function trigger({ api, random }: WorkloadOptions, connector: Connector, contradictions: string[]) {
  const request = {
    tenant: connector.tenant,
    method: 'POST' as const,
    name: 'trigger',
    path: pathOf(connector, '/trigger'),
    headers: { 'idempotency-key': randomUUID() },
    right: [202, 409, ...gone(connector)],
  };
  const atOnce = random.below(2) === 0;
  const first = api.call(request);
  if (!atOnce) await first;
  const answers = await Promise.all([first, api.call(request)]);
  const told = new Set(answers.flatMap((one) => (one?.status === 202 ? [JSON.stringify(one.body)] : [])));
  if (told.size > 1) contradictions.push(`${request.path}: ${[...told].join(' or ')}`);
}

async function pauseAndResume({ api, random }: WorkloadOptions, connector: Connector): Promise<void> {
  const forMs = random.below(3_000);
  const ask = (verb: string) =>
    api.call({
      tenant: connector.tenant,
      method: 'POST',
      name: verb,
      path: pathOf(connector, `/${verb}`),
      right: [200, ...gone(connector)],
    });
  await ask('pause');
  await wait(forMs);
  for (let tries = 0; tries < 20 && (await ask('resume'))?.status !== 200 && !connector.isDeleted; tries++)
    await wait(500);
}

async function cancel({ api }: WorkloadOptions, connector: Connector): Promise<void> {
  const { tenant } = connector;
  const right = [200, ...gone(connector)];
  const detail = await api.call({ tenant, method: 'GET', name: 'connector', path: pathOf(connector), right });
  const run = detail?.body['current_run'] as { id: string } | null | undefined;
  if (!run) return;
  const path = pathOf(connector, `/runs/${run.id}/cancel`);
  await api.call({ tenant, method: 'POST', name: 'cancel', path, right: [202, 409, ...gone(connector)] });
}

async function resumeBroken({ api }: WorkloadOptions, connector: Connector): Promise<void> {
  const { tenant } = connector;
  const right = [200, ...gone(connector)];
  const detail = await api.call({ tenant, method: 'GET', name: 'connector', path: pathOf(connector), right });
  if (detail?.body['status'] !== 'error') return;
  await api.call({ tenant, method: 'POST', name: 'resume', path: pathOf(connector, '/resume'), right });
}

async function look({ api }: WorkloadOptions, connector: Connector, number: number): Promise<void> {
  const { tenant } = connector;
  const [name = '', rest] =
    [
      ['runs', '/runs'],
      ['state', '/state'],
      ['rejected', '/rejected-rows'],
      ['list', null],
    ][number % 4] ?? [];
  const path = rest === null ? '/v1/admin/connectors' : pathOf(connector, rest);
  await api.call({ tenant, method: 'GET', name: name ?? 'list', path, right: [200, ...gone(connector)] });
}

/** Until it is known to be gone: an answer may be lost. */
async function remove(connector: Connector, { api }: WorkloadOptions): Promise<void> {
  const { tenant } = connector;
  const answer = await api.call({
    tenant,
    method: 'DELETE',
    name: 'delete',
    path: pathOf(connector),
    right: [204, 404, 409],
  });
  connector.isDeleted = answer?.status === 204 || answer?.status === 404;
}
