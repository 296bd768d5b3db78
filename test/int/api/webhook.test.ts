import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { contextFor } from '../../../src/context.ts';
import { claimForLoad } from '../../../src/db/queries/run-claims.ts';
import { finishRun } from '../../../src/services/runs/finish.ts';
import { connectorRow, historyOf, runsOf } from '../../harness/connectors.ts';
import { type Answer, type ApiFixture, CONNECTORS, createApiFixture, UNKNOWN_ID } from './fixture.ts';

const WEBHOOK = '/v1/etl/meltano/webhook';
const STATE = '{"bookmarks":{"Opportunity":{"SystemModstamp":"2026-03-28T12:01:00Z","id":9007199254740993}}}';

let api: ApiFixture;
beforeAll(async () => {
  api = await createApiFixture({ webhookWaitMs: 1 });
});
afterAll(() => api.close());

const hmac = (secret: string, message: string) => createHmac('sha256', secret).update(message).digest('hex');

interface Registered {
  id: string;
  webhook_secret: string;
}

interface Sent {
  headers?: Record<string, string>;
  raw?: string;
}

function reportOf({ id }: Registered, changes: Record<string, unknown> = {}) {
  return {
    connector_id: id,
    tenant_id: 'acme',
    source_system: 'salesforce',
    status: 'completed',
    rows_written: 1204,
    error_msg: null,
    duration_s: 103,
    ...changes,
  };
}

/** Sends a report as the runner does: signed with the connector's secret, without a token. */
function send(
  connector: Registered,
  changes: Record<string, unknown> = {},
  { headers, raw }: Sent = {},
): Promise<Answer> {
  return api.call('POST', WEBHOOK, {
    token: null,
    body: raw ?? reportOf(connector, changes),
    headers: headers ?? { 'x-webhook-secret': hmac(connector.webhook_secret, connector.id) },
  });
}

/** What the transform pool does at the end of a load. */
async function endLoad(connectorId: string, runId: string): Promise<void> {
  const run = await claimForLoad(api.deps.database.db, { runId, workerId: 'test', leaseMs: 60_000 });
  if (!run) throw new Error('the run is not loading');
  const ctx = contextFor(api.deps, { tenantId: 'acme', actor: 'worker:transform' });
  const table = 'ivory_tenant_acme.salesforce_opportunities';
  await finishRun(ctx, {
    runId,
    connectorId,
    fence: run.fence,
    status: 'completed',
    errorCode: null,
    errorMsg: null,
    counted: true,
    tables: [{ stream: 'Opportunity', table, read: 1204, loaded: 1204, rejected: 0 }],
  });
}

describe('a completed report', () => {
  test('is 202 while it loads, then the documented 200, the same for every repetition, with one effect', async () => {
    const connector = await api.create();
    const raw = JSON.stringify(reportOf(connector)).replace(/}$/, `,"tap_state":${STATE}}`);
    const loading = await send(connector, {}, { raw });
    expect([loading.status, loading.body]).toEqual([202, { run_id: loading.body.run_id, status: 'loading' }]);
    const runId = loading.body.run_id;
    await endLoad(connector.id, runId);

    const again = JSON.stringify({ ...JSON.parse(raw), run_id: runId });
    for (let time = 0; time < 2; time++) {
      const { status, body } = await send(connector, {}, { raw: again });
      expect([status, body]).toEqual([
        200,
        {
          run_id: runId,
          status: 'completed',
          rows_loaded: 1204,
          rows_failed: 0,
          tables: ['ivory_tenant_acme.salesforce_opportunities'],
        },
      ]);
    }
    expect(await historyOf(api.deps, connector.id)).toHaveLength(1);
    expect(await connectorRow(api.deps, connector.id)).toMatchObject({
      tapState: STATE,
      rowsTotal: 1204,
      consecutiveFailures: 0,
    });
    const detail = await api.call('GET', `${CONNECTORS}/${connector.id}`);
    expect(detail.text).toContain(`"tap_state":${STATE}`);
  });

  test('duplicates at once are one run', async () => {
    const connector = await api.create();
    const runId = api.deps.newId();
    const answers = await Promise.all(Array.from({ length: 6 }, () => send(connector, { run_id: runId })));
    expect(answers.map(({ status, body }) => [status, body.run_id])).toEqual(answers.map(() => [202, runId]));
    expect(await runsOf(api.deps, connector.id)).toHaveLength(1);
  });
});

describe('a failed report', () => {
  test('is recorded and answered at once; three open the breaker, repetitions do not count', async () => {
    const connector = await api.create();
    for (const failures of [1, 2, 3]) {
      const run_id = api.deps.newId();
      const report = { status: 'failed', rows_written: 0, error_msg: 'login\u0000 failed', run_id };
      for (let time = 0; time < 2; time++) {
        const { status, body } = await send(connector, report);
        expect([status, body]).toEqual([
          200,
          { run_id, status: 'failed', rows_loaded: 0, rows_failed: 0, tables: [] },
        ]);
      }
      const row = await connectorRow(api.deps, connector.id);
      expect([row.consecutiveFailures, row.status]).toEqual([failures, failures === 3 ? 'error' : 'active']);
    }
    const { body } = await api.call('GET', `${CONNECTORS}/${connector.id}/runs`);
    expect(body.runs.map((run: { error_msg: string }) => run.error_msg)).toEqual(
      Array(3).fill('login failed'),
    );
  });
});

describe('who may report', () => {
  test('the signature may come as sha256=... and in capitals', async () => {
    const connector = await api.create();
    const signature = `sha256=${hmac(connector.webhook_secret, connector.id).toUpperCase()}`;
    expect((await send(connector, {}, { headers: { 'x-webhook-secret': signature } })).status).toBe(202);
  });

  test('everything that is wrong with a sender is the same 403, word for word, and has no effect', async () => {
    const connector = await api.create();
    const other = await api.create({ source_system: 'stripe' });
    const deleted = await api.create();
    await api.call('DELETE', `${CONNECTORS}/${deleted.id}`);
    const good = { 'x-webhook-secret': hmac(connector.webhook_secret, connector.id) };
    const refused = [
      await send(connector, {}, { headers: {} }),
      await send(connector, {}, { headers: { 'x-webhook-secret': '' } }),
      await send(connector, {}, { headers: { 'x-webhook-secret': 'f'.repeat(64) } }),
      await send(
        connector,
        {},
        { headers: { 'x-webhook-secret': hmac(other.webhook_secret, connector.id) } },
      ),
      await send(connector, {}, { headers: { 'x-webhook-secret': connector.webhook_secret } }),
      await send(connector, { connector_id: other.id }, { headers: good }),
      await send(
        connector,
        { connector_id: UNKNOWN_ID },
        { headers: { 'x-webhook-secret': hmac(connector.webhook_secret, UNKNOWN_ID) } },
      ),
      await send(connector, { connector_id: "x'--" }, { headers: good }),
      await send(connector, { connector_id: undefined }, { headers: good }),
      await send(connector, { connector_id: 7 }, { headers: good }),
      await send(connector, { tenant_id: 'rival' }),
      await send(connector, { tenant_id: '' }),
      await send(connector, { source_system: 'hubspot' }),
      await send(connector, { source_system: 'hubspot', status: 'nonsense' }),
      await send(deleted),
      await send(connector, {}, { headers: good, raw: '[]' }),
    ];
    const words = refused.map(({ status, body: { request_id: _, ...rest } }) => [status, rest]);
    expect(words[0]).toEqual([
      403,
      {
        type: 'urn:ivory:problem:webhook.forbidden',
        title: 'Forbidden',
        status: 403,
        detail: 'The webhook signature is not valid.',
        code: 'webhook.forbidden',
      },
    ]);
    for (const each of words) expect(each).toEqual(words[0]);
    expect(await runsOf(api.deps, connector.id)).toHaveLength(0);
  });

  test('a run of another connector is refused in the same words', async () => {
    const [mine, other] = [await api.create(), await api.create()];
    const { body } = await send(other);
    const refused = await send(mine, { run_id: body.run_id });
    expect([refused.status, refused.body.code, refused.body.detail]).toEqual([
      403,
      'webhook.forbidden',
      'The webhook signature is not valid.',
    ]);
  });

  test('the stronger signature, when it is there, must fit the body and be fresh', async () => {
    const connector = await api.create();
    const raw = JSON.stringify(reportOf(connector));
    const now = Math.floor(Date.now() / 1000);
    const sent = async (signature: string) => {
      const headers = {
        'x-webhook-secret': hmac(connector.webhook_secret, connector.id),
        'x-ivory-signature': signature,
      };
      return (await send(connector, {}, { raw, headers })).status;
    };
    const signed = (t: number, body = raw) => `t=${t},v1=${hmac(connector.webhook_secret, `${t}.${body}`)}`;
    expect(await sent(signed(now))).toBe(202);
    expect(await sent(signed(now - 290))).toBe(202);
    expect(await sent(signed(now - 310))).toBe(403);
    expect(await sent(signed(now + 310))).toBe(403);
    expect(await sent(signed(now, `${raw} `))).toBe(403);
    expect(await sent(signed(now).replace(/t=\d+/, `t=${now - 1}`))).toBe(403);
    for (const bad of [
      '',
      'nonsense',
      `t=${now}`,
      'v1=00',
      `t=,v1=${hmac(connector.webhook_secret, `.${raw}`)}`,
    ]) {
      expect(await sent(bad)).toBe(403);
    }
  });
});

describe('a report of a known sender', () => {
  test.each([
    [{ status: 'done' }, 'status'],
    [{ rows_written: -1 }, 'rows_written'],
    [{ rows_written: '7' }, 'rows_written'],
    [{ tap_state: 'x' }, 'tap_state'],
    [{ tap_state: [] }, 'tap_state'],
    [{ duration_s: 1.5 }, 'duration_s'],
    [{ run_id: 'x' }, 'run_id'],
    [{ extra: 1 }, 'extra'],
  ])('with %j is refused, naming the field', async (change, field) => {
    const { status, body } = await send(await api.create(), change);
    expect([status, body.code, body.errors[0].field]).toEqual([422, 'request.invalid', field]);
  });

  test('that is no JSON is 400, of another type 415', async () => {
    const connector = await api.create();
    expect((await send(connector, {}, { raw: '{' })).body.code).toBe('request.malformed_json');
    const headers = { 'content-type': 'text/plain' };
    expect((await send(connector, {}, { headers })).body.code).toBe('request.unsupported_media_type');
  });

  test('may be almost 1 MB large, not larger', async () => {
    const connector = await api.create();
    const rest = JSON.stringify(reportOf(connector, { tap_state: { blob: '' } })).length;
    const sized = (bytes: number) => ({ tap_state: { blob: 'x'.repeat(bytes - rest) } });
    expect((await send(connector, sized(1_048_576))).status).toBe(202);
    expect((await send(connector, sized(1_048_577))).status).toBe(413);
  });
});
