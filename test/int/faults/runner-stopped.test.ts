import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { isAlive } from '../../../src/embedded/process-identity.ts';
import { connectorRow, historyOf } from '../../harness/connectors.ts';
import { type Installation, openInstallation, type ScriptedConnector } from '../../harness/installation.ts';
import { until } from '../../harness/until.ts';

// a calm machine takes a fifth of it
vi.setConfig({ testTimeout: 90_000 });

const GONE_WITHIN_MS = 15_000;

let ivory: Installation;
beforeAll(async () => {
  ivory = await openInstallation({ queues: 'redis', leaseS: 60 });
  await ivory.start('worker', 'scheduler', 'transform');
});
afterAll(() => ivory.close());

const standsStill = ({ tapPids }: ScriptedConnector) =>
  until('the tap stands still', () => tapPids().length === 1);

test('a runner asked to stop lets a run that is about to end, end', async () => {
  const runner = await ivory.start('worker', 'runner');
  const connector = await ivory.connector({ rows: 10, gated: true });
  await ivory.dispatch(connector);
  await standsStill(connector);
  const ended = runner.end('SIGTERM');
  connector.openGate();
  expect(await ended).toBe(0);
  expect(await ivory.ended(connector)).toMatchObject({ status: 'completed', rowsLoaded: 10 });
  expect(connector.tapPids()).toHaveLength(1);
});

test('a runner with an endless tap that ignores SIGTERM is gone in time, and another goes on at once', async () => {
  const runner = await ivory.start('worker', 'runner');
  const connector = await ivory.connector({ rows: 10, gated: true, firstOnly: true, stubborn: true });
  await ivory.dispatch(connector);
  await standsStill(connector);
  const asked = Date.now();
  expect(await runner.end('SIGTERM')).toBe(0);
  expect(Date.now() - asked).toBeLessThan(GONE_WITHIN_MS);
  expect(connector.tapPids().some(isAlive)).toBe(false);
  expect(await ivory.run(connector)).toMatchObject({ status: 'queued', leaseUntil: null, attempt: 0 });

  await ivory.start('worker', 'runner');
  expect(await ivory.ended(connector)).toMatchObject({ status: 'completed', rowsLoaded: 10 });
  expect(await historyOf(ivory.deps, connector.id)).toHaveLength(1);
  expect(await connectorRow(ivory.deps, connector.id)).toMatchObject({ consecutiveFailures: 0 });
});
