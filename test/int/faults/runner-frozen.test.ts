import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { isAlive } from '../../../src/embedded/process-identity.ts';
import { connectorRow, historyOf, runsOf } from '../../harness/connectors.ts';
import { type Installation, openInstallation, type ScriptedConnector } from '../../harness/installation.ts';
import { until } from '../../harness/until.ts';

// a calm machine takes a fifth of it
vi.setConfig({ testTimeout: 90_000 });

let ivory: Installation;
beforeAll(async () => {
  ivory = await openInstallation({ queues: 'redis' });
  await ivory.start('worker', 'scheduler', 'transform');
});
afterAll(() => ivory.close());

test.each([
  { tap: 'whose tap goes on meanwhile', firstOnly: false },
  { tap: 'whose tap would never end', firstOnly: true },
])(
  'a runner frozen past its lease, $tap, writes nothing when it wakes and ends its tap',
  async ({ firstOnly }) => {
    const frozen = await ivory.start('worker', 'runner');
    const connector = await ivory.connector({ rows: 20_000, gated: true, firstOnly });
    await ivory.dispatch(connector);
    await until('the tap stands still', () => connector.tapPids().length === 1);
    process.kill(frozen.pid, 'SIGSTOP');
    if (!firstOnly) connector.openGate();

    const other = await ivory.start('worker', 'runner');
    expect(await ivory.ended(connector)).toMatchObject({ status: 'completed', rowsLoaded: 20_000 });
    const before = await everything(connector);
    process.kill(frozen.pid, 'SIGCONT');
    await until('the woken runner lets go', () => frozen.log().includes('run stopped'));
    await until('its tap is gone', () => !connector.tapPids().some(isAlive), 5_000);
    expect(await everything(connector)).toEqual(before);
    expect(await Promise.all([frozen.end(), other.end()])).toEqual([0, 0]);
    expect(await everything(connector)).toEqual(before);
  },
);

/** All that a run may change. */
async function everything(connector: ScriptedConnector) {
  const { database } = ivory.deps;
  return {
    connector: await connectorRow(ivory.deps, connector.id),
    runs: await runsOf(ivory.deps, connector.id),
    history: await historyOf(ivory.deps, connector.id),
    lake: await ivory.loaded(connector),
    staged: await database.sql.unsafe(
      `select count(*), min(_ivory_load_id) as first, max(_ivory_load_id) as last, max(xmin::text::bigint) as written, max(_sdc_batched_at) as at
       from "${connector.stagingSchema}".s`,
    ),
  };
}
