import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { signToken } from '../../../src/api/token.ts';
import { sealConfig } from '../../../src/domain/config-envelope.ts';
import { TEST_CONFIG_KEY } from '../../harness/context.ts';
import { type Installation, NAMESPACE, openInstallation } from '../../harness/installation.ts';
import { logLines } from '../../harness/log-lines.ts';
import { type ChatRequest, type OpenAiStub, startOpenAiStub } from '../../harness/openai-stub.ts';
import { type IvoryProcess, startIvory } from '../../harness/processes.ts';
import { redisUrl } from '../../harness/redis.ts';
import { redisDump } from '../../harness/redis-dump.ts';
import { until } from '../../harness/until.ts';
import { plantSecrets } from './planted.ts';

const TAP = fileURLToPath(new URL('../../fixtures/taps/tap-blabs.ts', import.meta.url));
const TENANT = 'acme';
const TABLE = 'blabbed';

/** A connector's own names: its tenant reads them in what it is answered, and nobody in a log. */
const NAMES = ['source', 'table', 'field'];

describe('secrets in every input', () => {
  const planted = plantSecrets();
  let installation: Installation;
  let stub: OpenAiStub;
  let fleet: IvoryProcess[];
  /** What the API answered, and which of the planted it was asked to tell. */
  const answers: { asked: string; text: string; own: string[] }[] = [];

  beforeAll(async () => {
    stub = await startOpenAiStub(answerOfModel);
    installation = await openInstallation({ queues: 'redis', leaseS: 30 });
    const { environment } = installation;
    Object.assign(environment, {
      LOG_LEVEL: 'trace',
      QUESTDB_URL: `postgres://quest:${planted.text('questdb password')}@127.0.0.1:1/qdb`,
      FALKORDB_URL: `redis://falkor:${planted.text('falkordb password')}@127.0.0.1:1`,
      OPENAI_API_KEY: planted.text('key of the model'),
      OPENAI_BASE_URL: stub.baseUrl,
      OPERATOR_PASSWORD: planted.text('operator password'),
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://otel:${planted.text('collector password')}@127.0.0.1:1`,
      OTEL_EXPORTER_OTLP_HEADERS: `authorization=Bearer ${planted.text('collector header')}`,
    });
    await addTap(environment['CUSTOM_TAPS_FILE'] ?? '');
    // with it comes its tenant's catalog
    await installation.connector({}, { status: 'paused', nextRunAt: null });
    fleet = await Promise.all([
      installation.start('api'),
      installation.start('worker', 'scheduler', 'runner', 'transform', 'mapping'),
    ]);
    await plantAll();
    for (const process of fleet) expect(await process.end('SIGTERM'), process.log()).toBe(0);
  }, 180_000);

  afterAll(async () => {
    await installation?.close();
    await stub?.close();
  });

  /** Repeats what it was asked, as servers do that refuse a prompt; plans a query that its store cannot run. */
  function answerOfModel(request: ChatRequest) {
    const prompt = request.messages.map(({ content }) => content).join('\n');
    if (!prompt.includes(TABLE) || !prompt.includes('question'))
      return { status: 400, code: null, body: { error: { message: `bad prompt: ${prompt}` } } };
    const sql = `select cast('${planted.text('question')}' as integer) as n from ${NAMESPACE}.${TABLE}`;
    return { json: { kind: 'plan', target: 'iomete', sql, explanation: 'x', ask: null } };
  }

  async function addTap(file: string): Promise<void> {
    const taps = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
    const blabs = { command: [process.execPath, TAP], discover: false };
    await writeFile(file, JSON.stringify({ ...taps, 'tap-blabs': blabs }));
  }

  interface Asking {
    body?: unknown;
    raw?: string;
    token?: string;
    headers?: Record<string, string>;
    /** Planted texts that this request asks for, or is answered with its own words. */
    own?: string[];
  }

  async function call(method: string, path: string, { body, raw, token, headers, own = [] }: Asking = {}) {
    const signed = token ?? (await signToken('s'.repeat(32), { tenantId: TENANT, ttlS: 60 }));
    planted.know(`token of a request, ${answers.length}`, signed);
    const response = await fetch(`${fleet[0]?.ready}${path}`, {
      method,
      headers: { authorization: `Bearer ${signed}`, 'content-type': 'application/json', ...headers },
      body: raw ?? (body === undefined ? undefined : JSON.stringify(body)),
    });
    const text = await response.text();
    answers.push({
      asked: `${method} ${path}`,
      text: `${JSON.stringify([...response.headers])}${text}`,
      own,
    });
    return { status: response.status, json: () => JSON.parse(text) as Record<string, string> };
  }

  async function plantAll(): Promise<void> {
    await plantInRequests();
    const failing = await connector({ fails: true });
    const loading = await connector({ fails: false, table: TABLE });
    await plantInMappings(loading);
    for (const id of [failing, loading]) await call('POST', `/v1/admin/connectors/${id}/trigger`);
    for (const id of [failing, loading]) await endOf(id);
    await plantInState(loading);
    await plantInFoundry();
    for (const id of [failing, loading]) await readAll(id);
  }

  async function plantInRequests(): Promise<void> {
    await call('GET', '/v1/admin/connectors', { token: planted.text('bearer token') });
    const forged = `eyJhbGciOiJIUzI1NiJ9.${planted.text('claims')}.${planted.text('signature')}`;
    await call('GET', '/v1/admin/connectors', { token: forged });
    await call('GET', `/v1/admin/connectors?api_key=${planted.text('query string')}`);
    await call('GET', `/v1/${planted.text('unknown path')}`);
    await call('GET', `/v1/admin/connectors/${planted.text('wrong id')}`);
    await call('POST', '/v1/admin/connectors', { raw: `{"password": ${planted.text('bad JSON')}` });
    await call('POST', '/v1/admin/connectors', {
      body: { source_system: 'x', config_encrypted: planted.text('config that is no envelope') },
      headers: { 'idempotency-key': planted.text('idempotency key'), cookie: planted.text('cookie') },
    });
    await call('POST', '/v1/etl/meltano/webhook', {
      body: {
        connector_id: '00000000-0000-4000-8000-000000000000',
        tenant_id: planted.text('tenant of a webhook'),
        source_system: 'x',
        status: 'failed',
        error_msg: planted.text('error of a webhook'),
      },
      headers: {
        'x-webhook-secret': planted.text('signature of a webhook'),
        'x-ivory-signature': `t=1,v1=${planted.text('strong signature')}`,
      },
    });
    const basic = Buffer.from(`operator:${planted.text('wrong operator password')}`).toString('base64');
    await call('GET', '/admin/queues', { headers: { authorization: `Basic ${basic}` } });
  }

  async function connector({ fails, table }: { fails: boolean; table?: string }): Promise<string> {
    const password = planted.text(`password of the tap (${fails})`);
    const secret = `webhook secret (${fails})`;
    const config = {
      password,
      note: planted.text('value of a row'),
      bookmark: planted.text('bookmark'),
      fails,
    };
    const created = await call('POST', '/v1/admin/connectors', {
      body: {
        source_system: planted.text('source'),
        tap_name: 'tap-blabs',
        connector_type: 'custom',
        destination_catalog: 'lake',
        destination_table: table ?? planted.text('table'),
        config_encrypted: sealConfig(TEST_CONFIG_KEY, config),
      },
      headers: { 'idempotency-key': planted.text(`good idempotency key (${fails})`) },
      own: [secret],
    });
    expect(created.status, answers.at(-1)?.text).toBe(201);
    const { id = '', webhook_secret = '' } = created.json();
    expect(webhook_secret).not.toBe('');
    planted.know(secret, webhook_secret);
    return id;
  }

  async function plantInMappings(id: string): Promise<void> {
    await call('POST', `/v1/admin/connectors/${id}/map-fields`, {
      body: {
        source_stream: 's',
        source_schema: { id: 'integer', note: 'string', [planted.text('field')]: 'string' },
        target_schema: 'custom',
        target_table: TABLE,
        target_schema_def: { id: 'bigint', note: 'bigint' },
      },
    });
    // what is proposed is used: the text of the rows is no number, so they are rejected
    await installation.deps.database.sql`update etl.field_mappings set reviewed = true`;
  }

  async function plantInState(id: string): Promise<void> {
    await call('PUT', `/v1/admin/connectors/${id}/state`, {
      body: { state: { at: planted.text('state') } },
      own: ['state'],
    });
    await call('PUT', `/v1/admin/connectors/${id}/state`, { raw: `{"state": ${planted.text('bad state')}}` });
  }

  async function plantInFoundry(): Promise<void> {
    const question = `how many notes say ${planted.text('question')}?`;
    await call('POST', '/v1/foundry/query', { body: { question }, own: ['question'] });
    await call('POST', '/v1/foundry/query', { raw: `{"question": ${planted.text('bad question')}}` });
  }

  async function readAll(id: string): Promise<void> {
    const runs = await call('GET', `/v1/admin/connectors/${id}/runs`);
    const [run] = (runs.json() as unknown as { runs: { id: string }[] }).runs;
    await call('GET', `/v1/admin/connectors/${id}/runs/${run?.id}`);
    await call('GET', `/v1/admin/connectors/${id}/runs/${run?.id}/log`);
    await call('GET', `/v1/admin/connectors/${id}`, { own: ['state', 'bookmark'] });
    await call('GET', '/readyz');
  }

  async function endOf(id: string): Promise<void> {
    await until('the run ends', async () => {
      const rows = await installation.deps.database
        .sql`select 1 from etl.sync_runs where connector_id = ${id}`;
      return rows.length > 0 || null;
    });
  }

  test('are in no line of any process, though each told much', () => {
    for (const process of fleet) {
      const lines = logLines(process.log());
      expect(lines.length, process.name).toBeGreaterThan(10);
      for (const line of lines)
        expect(planted.shownIn(JSON.stringify(line)), JSON.stringify(line)).toEqual([]);
    }
    const events = new Set(fleet.flatMap((process) => logLines(process.log()).map(({ event }) => event)));
    for (const event of [
      'run.reported',
      'run.loaded',
      'llm.unanswered',
      'foundry.query_failed',
      'foundry.answered',
    ])
      expect(events, event).toContain(event);
  });

  test('of a database that is away are not told by who waits for it', async () => {
    const DATABASE_URL = `postgres://ivory:${planted.text('database password')}@127.0.0.1:1/ivory`;
    const waiting = await startIvory(['worker', 'scheduler'], { ...installation.environment, DATABASE_URL });
    await waiting.end('SIGKILL');
    expect(waiting.log()).toContain('migrations.unknown');
    expect(planted.shownIn(waiting.log())).toEqual([]);
  }, 60_000);

  test('are in no answer to anybody but who asked for them', () => {
    for (const { asked, text, own } of answers)
      expect(
        planted.shownIn(text).filter((name) => ![...own, ...NAMES].includes(name)),
        asked,
      ).toEqual([]);
  });

  test.skipIf(redisUrl() === null)('are in no job, nor anywhere else in Redis', async () => {
    const dump = await redisDump(installation.redis?.url ?? '');
    expect(dump).toContain('execute-run');
    expect(planted.shownIn(dump)).toEqual([]);
  });

  test.each([
    ['etl.outbox', []],
    ['audit.events', ['source']],
    ['etl.llm_calls', []],
    ['etl.connector_tasks', []],
    ['etl.load_batches', []],
    // a run tells its table and keeps the bookmark it was given
    ['etl.runner_jobs', ['table', 'bookmark']],
    ['etl.sync_runs', ['table']],
  ] as const)('%s has none that does not belong there', async (table, own) => {
    const rows = await installation.deps.database.sql.unsafe<{ text: string }[]>(
      `select row_to_json(t)::text as text from ${table} t`,
    );
    for (const { text } of rows)
      expect(
        planted.shownIn(text).filter((name) => !(own as readonly string[]).includes(name)),
        text,
      ).toEqual([]);
  });
});
