import { randomUUID } from 'node:crypto';
import type { Sql } from 'postgres';
import type { Random } from '../../test/harness/seeded-random.ts';
import { type ForeignStream, loadAsTargetPostgres } from '../../test/int/webhook/target-postgres.ts';
import { type Answer, type ApiClient, hmac } from './api.ts';
import type { Connector } from './connectors.ts';
import { changesBetween } from './model.ts';

/** Somebody else's runner: it stages rows with its own loader and then reports, more often than it should. */
export interface ExternalRunner {
  /** One run of it, told to the API until it is heard. Answers false when something was away; it is done again then. */
  run(connector: Connector, random: Random): Promise<boolean>;
  /** What a repeated report was answered differently from the first one. */
  contradictions: readonly string[];
}

type Report = Record<string, unknown>;

const WEBHOOK = '/v1/etl/meltano/webhook';
const COLUMNS = { owner: 'text', id: 'bigint', seq: 'bigint', amount: 'bigint', note: 'text' };

export function createExternalRunner(api: ApiClient, sql: Sql): ExternalRunner {
  const contradictions: string[] = [];
  /** The last report of a connector and its outcome, to be repeated late. */
  const told = new Map<string, { report: Report; outcome: string }>();

  function send(connector: Connector, report: Report, secret = connector.secret): Promise<Answer> {
    const isRight = secret === connector.secret;
    return api.call({
      tenant: '',
      method: 'POST',
      name: isRight ? 'webhook' : 'webhook, wrongly signed',
      path: WEBHOOK,
      body: report,
      headers: { 'x-webhook-secret': hmac(secret, connector.id) },
      right: isRight ? [200, 202, 409] : [403],
    });
  }

  /** Every copy of a report that was answered has the same outcome, whenever it came. */
  function compare(connector: Connector, answers: readonly Answer[]): string | null {
    const outcomes = new Set(
      answers.flatMap((answer) => (answer?.status === 200 ? [JSON.stringify(answer.body)] : [])),
    );
    if (outcomes.size > 1) contradictions.push(`${connector.id}: ${[...outcomes].join(' or ')}`);
    return [...outcomes][0] ?? null;
  }

  return {
    contradictions,
    async run(connector, random) {
      const before = told.get(connector.id);
      if (before && random.below(3) === 0) {
        const late = await send(connector, before.report);
        if (late?.status === 200 && JSON.stringify(late.body) !== before.outcome)
          contradictions.push(`${connector.id}, late: ${JSON.stringify(late.body)} after ${before.outcome}`);
      }
      if (random.below(3) === 0) await send(connector, reportOf(connector, {}), 'f'.repeat(64));
      const report = await stage(api, sql, connector, random);
      if (report === null) return false;
      const copies = 1 + random.below(3);
      const answers = await Promise.all(Array.from({ length: copies }, () => send(connector, report)));
      const outcome = compare(connector, [...answers, await send(connector, report)]);
      if (outcome === null) return false;
      told.set(connector.id, { report, outcome });
      return true;
    },
  };
}

/** Stages what is after the saved bookmark. null: a service did not answer. */
async function stage(api: ApiClient, sql: Sql, connector: Connector, random: Random): Promise<Report | null> {
  const path = `/v1/admin/connectors/${connector.id}`;
  const detail = await api.call({
    tenant: connector.tenant,
    method: 'GET',
    name: 'connector',
    path,
    right: [200],
  });
  const [stream] = connector.source.streams;
  if (detail?.status !== 200 || !stream) return null;
  const from = bookmarkIn(detail.body['tap_state'], stream.name);
  const to = connector.now.heads[stream.name] ?? 0;
  const rows = new Map<number, Record<string, unknown>>();
  for (const { row } of changesBetween(connector.source, stream, { from, to })) rows.set(row.id, { ...row });
  const foreign: ForeignStream = {
    schema: connector.stagingSchema,
    table: stream.name,
    columns: COLUMNS,
    key: ['id'],
  };
  try {
    await loadAsTargetPostgres(sql, foreign, [...rows.values()]);
  } catch {
    return null;
  }
  if (!connector.now.calm && random.below(5) === 0)
    return reportOf(connector, {
      status: 'failed',
      rows_written: rows.size,
      error_msg: 'the partner broke off',
    });
  const tap_state = { bookmarks: { [stream.name]: { seq: to } } };
  return reportOf(connector, { rows_written: rows.size, tap_state });
}

function reportOf(connector: Connector, changes: Report): Report {
  return {
    connector_id: connector.id,
    tenant_id: connector.tenant,
    source_system: connector.kind.name,
    run_id: randomUUID(),
    status: 'completed',
    rows_written: 0,
    duration_s: 1,
    ...changes,
  };
}

export function bookmarkIn(state: unknown, stream: string): number {
  const { bookmarks } = (state ?? {}) as { bookmarks?: Record<string, { seq?: number }> };
  return bookmarks?.[stream]?.seq ?? 0;
}
