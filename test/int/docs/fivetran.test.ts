import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Database, openDatabase } from '../../../src/db/client.ts';
import { examplesOf, runExamples, shapeOfAnswer } from '../../harness/doc-examples.ts';
import { createFivetranDestination } from '../../harness/fivetran-destination.ts';
import { type FivetranStub, startFivetranStub } from '../../harness/fivetran-stub.ts';
import { type IvoryProcess, startIvory } from '../../harness/processes.ts';

const ACCOUNT = { columns: { id: 'text', name: 'text' }, key: ['id'] };

let dataDir: string;
let stub: FivetranStub;
let dev: IvoryProcess;
let database: Database;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'ivory-fivetran-doc-'));
  stub = await startFivetranStub();
  dev = await startIvory(['dev', '--data-dir', dataDir, '--port', '0'], {
    FIVETRAN_API_URL: stub.url,
    FIVETRAN_POLL_S: '1',
  });
  const url = /^DATABASE_URL=(.*)$/m.exec(readFileSync(join(dataDir, 'env'), 'utf8'))?.[1] ?? '';
  database = openDatabase(url);
  playSalesforce();
});
afterAll(async () => {
  await database.close();
  await dev.end();
  await stub.close();
  await rm(dataDir, { recursive: true, force: true });
});

/** The operator has made the connection with the connector's schema; a sync writes two accounts into it. */
function playSalesforce(): void {
  stub.onLook = async (nth) => {
    const [connector] = await database.sql<{ schema: string }[]>`
      select staging_schema as schema from etl.meltano_connectors where connector_type = 'fivetran'`;
    stub.become({}, { schema: connector?.schema });
    if (nth > 1 && stub.connection.status.sync_state === 'syncing')
      stub.become({ sync_state: 'scheduled' }, { succeeded_at: '2024-03-28T12:00:05.000000Z' });
  };
  stub.onSync = async () => {
    const destination = createFivetranDestination(database.sql, stub.connection.schema);
    await destination.create('account', ACCOUNT);
    const rows = ['Acme', 'Beta'].map((name, at) => ({ id: `00${at + 1}`, name }));
    await destination.sync('account', ACCOUNT, rows, '2024-03-28T12:00:00.123456Z');
    stub.become({ sync_state: 'syncing' });
  };
}

test('the worked example of docs/runners/fivetran.md runs, and answers what is printed below it', {
  timeout: 120_000,
}, async () => {
  const examples = examplesOf('docs/runners/fivetran.md', 'fivetran');
  expect(examples).toHaveLength(4);
  const answers = await runExamples(examples, { dataDir, url: dev.ready });
  for (const [n, { script, printed }] of examples.entries()) {
    const [answer, shown] = [answers[n] ?? '', printed].map((text) => shapeOfAnswer('json', text));
    expect({ script, answer }).toEqual({ script, answer: shown });
  }
  expect(JSON.parse(answers[2] ?? '')).toEqual(JSON.parse(examples[2]?.printed ?? ''));
});
