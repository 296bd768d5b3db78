import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { InvalidError } from '../../src/errors.ts';
import { POOLS } from '../../src/queues/catalog.ts';
import { openQueueStore, type QueueStore } from '../../src/queues/connection.ts';
import type { Consumer } from '../../src/queues/ports.ts';
import { browserPath, openBrowser } from '../harness/browser.ts';
import { historyOf } from '../harness/connectors.ts';
import { type Installation, openInstallation } from '../harness/installation.ts';
import { type IvoryProcess, startIvory } from '../harness/processes.ts';
import { redisUrl } from '../harness/redis.ts';
import { until } from '../harness/until.ts';

vi.setConfig({ testTimeout: 180_000 });

const RESULTS = fileURLToPath(new URL('../../.results', import.meta.url));
const PASSWORD = 'operator-of-the-tests';
const VIEWPORT = { width: 1280, height: 800 };
const NOBODYS = '0b0e0d1c-0000-4000-8000-000000000001';

const executablePath = redisUrl() === null ? null : browserPath();

describe.skipIf(executablePath === null)('the board in a browser', () => {
  let ivory: Installation;
  let api: IvoryProcess;
  let store: QueueStore;
  let consumer: Consumer;
  let browser: Browser;
  let page: Page;
  let failures = 1;
  const [requests, complaints]: [string[], string[]] = [[], []];

  beforeAll(async () => {
    ivory = await openInstallation({ queues: 'redis' });
    store = await openQueueStore({ redisUrl: ivory.redis?.url, databaseUrl: ivory.deps.databaseUrl });
    consumer = store.consumer({
      pool: 'mapping',
      concurrency: 1,
      onError: () => {},
      handlers: {
        'propose-mappings': async () => {
          if (failures-- > 0) throw new InvalidError('mapping.planted', 'It was planted.');
        },
      },
    });
    await consumer.ready();
    api = await startIvory(['api'], { ...ivory.environment, OPERATOR_PASSWORD: PASSWORD });
    await ivory.start('worker', 'runner', 'transform');
    browser = await openBrowser(executablePath ?? '');
    const context = await browser.newContext({
      httpCredentials: { username: 'operator', password: PASSWORD },
      viewport: VIEWPORT,
      locale: 'en-US',
    });
    page = await context.newPage();
    page.setDefaultTimeout(30_000);
    page.on('request', (request) => requests.push(request.url()));
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
  });
  afterAll(async () => {
    await browser?.close();
    await api?.end('SIGKILL');
    await consumer?.close(0);
    await store?.close();
    await ivory?.close();
  });

  /** The board asks for everything anew every few seconds; its own pages say when there is something to see. */
  async function open(path: string, text: string): Promise<void> {
    await page.goto(`${api.ready}/admin/queues${path}`);
    await page.getByText(text, { exact: true }).first().waitFor();
  }

  /** Opens a job by its link. The first of its buttons is what can be done for it as it is: to retry it, to promote it. */
  async function openAndPress(job: string): Promise<void> {
    await page.locator('main').getByRole('link', { name: job }).first().click();
    await page.waitForURL(`**/${job}?*`);
    await page.getByRole('tab', { name: 'Options' }).waitFor();
    await page.locator('main').getByRole('listitem').getByRole('button').first().click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Confirm' }).click();
  }

  test('shows all queues, and a picture of them is no blank page', async () => {
    await open('', 'scheduler');
    const names = await page.locator('nav a').allInnerTexts();
    expect(names).toEqual([...POOLS]);
    await page.locator('main').getByRole('link', { name: 'mapping' }).waitFor();
    expect(await page.title()).toBe('Ivory queues');
    expect(await outline(page)).toMatchSnapshot();
    await mkdir(RESULTS, { recursive: true });
    const picture = await page.screenshot({ path: join(RESULTS, 'bull-board.png') });
    expect([picture.readUInt32BE(16), picture.readUInt32BE(20)]).toEqual([VIEWPORT.width, VIEWPORT.height]);
    expect(await coloursOf(page, picture)).toBeGreaterThan(20);
  });

  test('a job that failed says why in our words and is retried', async () => {
    await store.producer().add('propose-mappings', { mappingJobId: NOBODYS }, { jobId: 'fails' });
    await until('it failed', async () => (await store.counts()).mapping.failed === 1);
    await open('/queue/mapping?status=failed', 'fails');
    await page.getByText('mapping.planted: It was planted.').waitFor();
    await openAndPress('fails');
    await until('it was done', async () => (await store.counts()).mapping.completed === 1);
  });

  test('a job that waits for its time is promoted: its run is carried, once', async () => {
    const connector = await ivory.connector({ rows: 10 });
    const runId = await ivory.dispatch(connector);
    await store.producer().add('execute-run', { runId }, { jobId: 'later', delayMs: 3_600_000 });
    await open('/queue/runner?status=delayed', 'later');
    await page.getByText(runId).waitFor();
    await openAndPress('later');
    await until('the run was taken', async () => (await ivory.run(connector)).status !== 'queued');
    await ivory.start('worker', 'scheduler');
    expect(await ivory.ended(connector)).toMatchObject({ status: 'completed', rowsLoaded: 10 });
    expect(await historyOf(ivory.deps, connector.id)).toHaveLength(1);
    const { sql } = ivory.deps.database;
    const noted = await sql<{ actor: string; action: string; subject: string }[]>`
      select actor, action, subject from audit.events where actor = 'operator' order by id`;
    expect(noted.map((row) => Object.values(row).join(' '))).toEqual([
      'operator queue.retry_job mapping/fails',
      'operator queue.promote_job runner/later',
    ]);
  });

  test('nothing of all this asked another host, and the browser had nothing to complain about', () => {
    expect(requests.length).toBeGreaterThan(20);
    expect(requests.filter((url) => new URL(url).origin !== api.ready)).toEqual([]);
    expect(complaints).toEqual([]);
  });
});

/** What frames every page, without what changes by itself. */
async function outline(page: Page): Promise<string> {
  const parts = await Promise.all(
    (['banner', 'complementary'] as const).map((role) => page.getByRole(role).ariaSnapshot()),
  );
  return parts.join('\n').replaceAll(/\d+\.\d+\.\d+/g, 'x.y.z');
}

/** How many colours a picture has, as the browser itself reads it. */
function coloursOf(page: Page, picture: Buffer): Promise<number> {
  return page.evaluate<number>(`(async () => {
    const image = new Image();
    image.src = 'data:image/png;base64,${picture.toString('base64')}';
    await image.decode();
    const context = new OffscreenCanvas(image.width, image.height).getContext('2d');
    context.drawImage(image, 0, 0);
    const { data } = context.getImageData(0, 0, image.width, image.height);
    return new Set(new Uint32Array(data.buffer)).size;
  })()`);
}
