import { eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { idempotencyKeys } from '../../../src/db/schema/index.ts';
import { type ApiFixture, CONNECTORS, createApiFixture, DOCUMENTED_CREATE } from './fixture.ts';

let api: ApiFixture;
beforeAll(async () => {
  api = await createApiFixture();
});
afterAll(() => api.close());

const post = (key: string, body: unknown = DOCUMENTED_CREATE, tenant = 'acme') =>
  api.call('POST', CONNECTORS, { body, tenant, headers: { 'idempotency-key': key } });
const countOf = async (tenant = 'acme') => (await api.call('GET', CONNECTORS, { tenant })).body.count;

describe('Idempotency-Key', () => {
  test('the same key and body get the same answer, the secret included, and make one connector', async () => {
    const before = await countOf();
    const first = await post('same');
    const second = await post('same');
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.text).toBe(first.text);
    expect(first.headers.get('idempotency-replayed')).toBeNull();
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    expect(await countOf()).toBe(before + 1);
  });

  test('the kept answer is sealed', async () => {
    const { body } = await post('sealed');
    const [row] = await api.deps.database.db
      .select()
      .from(idempotencyKeys)
      .where(eq(idempotencyKeys.key, 'sealed'));
    expect(row?.status).toBe(201);
    expect(row?.body).toMatch(/^v1\./);
    expect(JSON.stringify(row)).not.toContain(body.webhook_secret);
  });

  test('another body, or another path, with the same key is refused', async () => {
    const { body } = await post('reused');
    for (const again of [
      await post('reused', { ...DOCUMENTED_CREATE, source_system: 'hubspot' }),
      await api.call('POST', `${CONNECTORS}/${body.id}/trigger`, {
        headers: { 'idempotency-key': 'reused' },
      }),
    ]) {
      expect([again.status, again.body.code]).toEqual([422, 'idempotency.key_reused']);
    }
  });

  test('a refused request is answered the same again', async () => {
    const bad = { ...DOCUMENTED_CREATE, destination_catalog: 'nowhere' };
    const [first, second] = [await post('refused', bad), await post('refused', bad)];
    expect([first.status, second.status]).toEqual([422, 422]);
    expect(second.text).toBe(first.text);
    expect(second.headers.get('content-type')).toBe('application/problem+json');
  });

  test('of many at once one is carried out; the others are told to wait or get its answer', async () => {
    const before = await countOf();
    const answers = await Promise.all(Array.from({ length: 8 }, () => post('at-once')));
    const ids = new Set(answers.filter(({ status }) => status === 201).map(({ body }) => body.id));
    expect(ids.size).toBe(1);
    for (const { status, body } of answers) {
      if (status !== 201) expect([status, body.code]).toEqual([409, 'idempotency.in_flight']);
    }
    expect(await countOf()).toBe(before + 1);
  });

  test('two tenants may use the same key', async () => {
    const [mine, theirs] = [await post('shared'), await post('shared', DOCUMENTED_CREATE, 'rival')];
    expect([mine.status, theirs.status]).toEqual([201, 201]);
    expect(mine.body.id).not.toBe(theirs.body.id);
  });

  const age = (key: string, seconds: number, extra = sql``) =>
    api.deps.database.db.execute(
      sql`update etl.idempotency_keys set created_at = now() - ${seconds} * interval '1 second' ${extra} where key = ${key}`,
    );
  const cutOff = sql`, status = null, body = null`;

  test('a request whose process died after its commit frees its key after two minutes, and done again finds what it made', async () => {
    const before = await countOf();
    const first = await post('cut-off');
    await age('cut-off', 60, cutOff);
    expect((await post('cut-off')).body.code).toBe('idempotency.in_flight');
    await age('cut-off', 121);
    const second = await post('cut-off');
    expect([second.status, second.body]).toEqual([201, first.body]);
    expect(await countOf()).toBe(before + 1);
    const actions = await api.deps.database.db.execute(
      sql`select action from audit.events where subject = ${first.body.id}`,
    );
    expect(actions.rows).toEqual([{ action: 'connector.create' }]);
  });

  test('another request with a key that was cut off makes its own', async () => {
    const first = await post('taken-over');
    await age('taken-over', 121, cutOff);
    const other = await post('taken-over', { ...DOCUMENTED_CREATE, source_system: 'hubspot' });
    expect([other.status, other.body.source_system]).toEqual([201, 'hubspot']);
    expect(other.body.id).not.toBe(first.body.id);
  });

  test('an answer is kept for a day; then the same request is a new one', async () => {
    const first = await post('old');
    await age('old', 86_401);
    const second = await post('old');
    expect([second.status, second.headers.get('idempotency-replayed')]).toEqual([201, null]);
    expect(second.body.id).not.toBe(first.body.id);
  });

  test.each(['', 'a b', 'x'.repeat(256), 'é'])('the key %j is refused', async (key) => {
    const { status, body } = await post(key);
    expect([status, body.code]).toEqual([422, 'idempotency.key_invalid']);
  });
});
