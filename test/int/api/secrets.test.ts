import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { auditEvents } from '../../../src/db/schema/index.ts';
import { type ApiFixture, CONNECTORS, createApiFixture, DOCUMENTED_CREATE } from './fixture.ts';

let api: ApiFixture;
const lines: string[] = [];
beforeAll(async () => {
  const log = pino({ level: 'trace' }, { write: (line: string) => lines.push(line) });
  api = await createApiFixture({}, () => ({ log }));
});
afterAll(() => api.close());

test('after the 201 neither secret nor config shows in an answer, a log line or an audit event', async () => {
  const config_encrypted = 'ivory1.kid.iv.the-sealed-tap-config';
  const { id, webhook_secret } = await api.create({ config_encrypted });
  const one = `${CONNECTORS}/${id}`;
  const answers = [
    await api.call('POST', CONNECTORS, { body: { ...DOCUMENTED_CREATE, config_encrypted, timezone: 'x' } }),
    await api.call('GET', CONNECTORS),
    await api.call('GET', one),
    await api.call('POST', `${one}/trigger`),
    await api.call('POST', `${one}/pause`),
    await api.call('POST', `${one}/trigger`),
    await api.call('POST', `${one}/resume`),
    await api.call('GET', `${one}/runs`),
    await api.call('GET', `${one}/mappings`),
    await api.call('POST', '/v1/etl/meltano/webhook', {
      token: null,
      body: { connector_id: id },
      headers: { 'x-webhook-secret': webhook_secret },
    }),
    await api.call('DELETE', one),
  ];
  expect(answers.map(({ status }) => status)).toEqual([
    422, 200, 200, 202, 200, 409, 200, 200, 200, 403, 204,
  ]);
  const events = await api.deps.database.db.select().from(auditEvents);
  const everything = [...answers.map(({ text }) => text), ...lines, JSON.stringify(events)].join('\n');
  expect(lines.length).toBeGreaterThanOrEqual(12);
  expect(events.length).toBeGreaterThan(3);
  for (const secret of [webhook_secret, config_encrypted, 'the-sealed-tap-config', 'Bearer ey']) {
    expect(everything).not.toContain(secret);
  }
});

test('a request is one line, with what happened and no more', async () => {
  lines.length = 0;
  await api.call('GET', `${CONNECTORS}?token=hunter2`, { headers: { 'x-request-id': 'r-7' } });
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    request_id: 'r-7',
    tenant_id: 'acme',
    method: 'GET',
    path: CONNECTORS,
    status: 200,
    duration_ms: expect.any(Number),
  });
  expect(lines[0]).not.toContain('hunter2');
});
