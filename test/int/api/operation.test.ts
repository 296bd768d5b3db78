import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { UnavailableError } from '../../../src/errors.ts';
import { type ApiFixture, createApiFixture } from './fixture.ts';

let api: ApiFixture;
beforeAll(async () => {
  api = await createApiFixture();
});
afterAll(() => api.close());

const found = { required: true, latency_ms: expect.any(Number), age_ms: expect.any(Number), warnings: [] };
const up = { ...found, status: 'up', error: null };

describe('health', () => {
  test('/healthz answers without a token', async () => {
    const { status, body } = await api.call('GET', '/healthz', { token: null });
    expect([status, body]).toEqual([200, { status: 'ok' }]);
  });

  test('/readyz says how each dependency is', async () => {
    const { status, body } = await api.call('GET', '/readyz', { token: null });
    expect([status, body]).toEqual([
      200,
      {
        status: 'ready',
        draining: false,
        dependencies: { database: up, queue: up, lakehouse: up, event_loop: up },
      },
    ]);
  });

  test('/readyz is 503 when one is down or silent, tells which within its bound, and not where it is', async () => {
    const fixture = await createApiFixture({}, ({ producer, lakehouse }) => ({
      producer: {
        ...producer,
        ping: () => Promise.reject(new UnavailableError('queue.unavailable', 'redis://10.0.0.1')),
      },
      lakehouse: { ...lakehouse, ping: () => new Promise(() => {}) },
    }));
    try {
      const startedAt = performance.now();
      const { status, body, text } = await fixture.call('GET', '/readyz', { token: null });
      expect(performance.now() - startedAt).toBeLessThan(3_500);
      expect(status).toBe(503);
      expect(body).toEqual({
        status: 'not_ready',
        draining: false,
        dependencies: {
          event_loop: up,
          database: up,
          queue: { ...found, status: 'down', error: 'queue.unavailable' },
          lakehouse: { ...found, status: 'down', error: 'timeout' },
        },
      });
      expect(text).not.toContain('10.0.0.1');
    } finally {
      await fixture.close();
    }
  });

  test('/readyz is red when the database takes no writes', async () => {
    const fixture = await createApiFixture();
    try {
      await fixture.deps.database.sql.unsafe('drop table etl.idempotency_keys');
      const { status, body } = await fixture.call('GET', '/readyz', { token: null });
      expect([status, body.dependencies.database.status]).toEqual([503, 'down']);
    } finally {
      await fixture.close();
    }
  });
});

describe('reference', () => {
  test('/openapi.json is OpenAPI 3.1 and describes every route there is', async () => {
    const { status, body } = await api.call('GET', '/openapi.json', { token: null });
    expect(status).toBe(200);
    expect(body.openapi).toBe('3.1.0');
    const described = Object.entries<Record<string, unknown>>(body.paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const served = api.app.routes
      .filter(({ method, path }) => method !== 'ALL' && !['/openapi.json', '/docs'].includes(path))
      .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`);
    expect(described.sort()).toEqual([...new Set(served)].sort());
  });

  test('every $ref of it leads somewhere, and every operation behind the token says so', async () => {
    const { body, text } = await api.call('GET', '/openapi.json', { token: null });
    const refs = [...text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name);
    expect(refs.length).toBeGreaterThan(10);
    for (const name of refs) expect(Object.keys(body.components.schemas)).toContain(name);
    for (const [path, item] of Object.entries<Record<string, { security?: unknown }>>(body.paths)) {
      for (const operation of Object.values(item)) {
        expect([path, operation.security !== undefined]).toEqual([
          path,
          /^\/v1\/(admin|foundry|notifications)\//.test(path),
        ]);
      }
    }
  });

  test('/docs is one page that names every path and loads nothing from elsewhere', async () => {
    const { status, headers, text } = await api.call('GET', '/docs', { token: null });
    expect(status).toBe(200);
    expect(headers.get('content-type')).toContain('text/html');
    const { body } = await api.call('GET', '/openapi.json', { token: null });
    for (const path of Object.keys(body.paths)) expect(text).toContain(path);
    expect(text).not.toMatch(/<script|<link|src=|https?:\/\//);
  });
});
