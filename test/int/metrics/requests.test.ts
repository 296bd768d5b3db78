import { afterEach, expect, test } from 'vitest';
import type { PrometheusOptions } from '../../../src/adapters/metrics/prometheus.ts';
import { openMeter } from '../../harness/meter.ts';
import { type ApiFixture, CONNECTORS, createApiFixture, UNKNOWN_ID } from '../api/fixture.ts';

const open: ApiFixture[] = [];
afterEach(async () => {
  for (const api of open.splice(0)) await api.close();
});

async function metered(options: Partial<PrometheusOptions> = {}) {
  const meter = openMeter(options);
  const api = await createApiFixture({}, () => ({ metrics: meter.metrics, metricsPage: meter.page }));
  open.push(api);
  return { ...api, meter };
}

test('requests count under the pattern of their route: never an id, never a path nobody serves', async () => {
  const { call, create, meter } = await metered();
  const { id } = await create();
  await call('GET', `${CONNECTORS}/${id}`);
  await call('GET', `${CONNECTORS}/${UNKNOWN_ID}`);
  await call('GET', CONNECTORS, { token: null });
  await call('GET', '/v1/nowhere/at-all');
  await call('GET', '/elsewhere');
  await call('PUT', '/healthz');
  expect(await meter.raised()).toEqual({
    [`ivory_http_requests_total{method="POST",route="${CONNECTORS}",status="201"}`]: 1,
    [`ivory_http_requests_total{method="GET",route="${CONNECTORS}/:id",status="200"}`]: 1,
    [`ivory_http_requests_total{method="GET",route="${CONNECTORS}/:id",status="404"}`]: 1,
    [`ivory_http_requests_total{method="GET",route="${CONNECTORS}",status="401"}`]: 1,
    'ivory_http_requests_total{method="GET",route="none",status="404"}': 2,
    'ivory_http_requests_total{method="PUT",route="none",status="405"}': 1,
  });
});

test('every route of the API has a label of its own', async () => {
  const { app, call, meter } = await metered();
  const patterns = new Set(app.routes.map(({ path }) => path).filter((path) => !path.includes('*')));
  expect(patterns.size).toBeGreaterThan(20);
  for (const path of patterns) await call('GET', path.replaceAll(/:\w+(\{[^}]*\})?/g, UNKNOWN_ID));
  const raised = Object.keys(await meter.raised()).filter((series) => series.includes('http_requests'));
  expect(raised.filter((series) => series.includes('route="other"'))).toEqual([]);
});

test('/metrics answers Prometheus without a token, and only with the one that is set', async () => {
  const { call } = await metered();
  const page = await call('GET', '/metrics', { token: null });
  expect(page.status).toBe(200);
  expect(page.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(page.text).toContain('ivory_build_info{role="test",version="0.0.0"} 1');

  const closed = await metered({ token: 'the-token-of-prometheus' });
  for (const token of [null, undefined, 'the-token-of-Prometheus'])
    expect(await closed.call('GET', '/metrics', { token })).toMatchObject({
      status: 401,
      body: { code: 'metrics.token' },
    });
  expect(await closed.call('GET', '/metrics', { token: 'the-token-of-prometheus' })).toMatchObject({
    status: 200,
  });
});
