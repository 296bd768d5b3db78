import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  createSparkClient,
  type SparkClient,
} from '../../src/adapters/lakehouse/spark/client/spark-client.ts';
import { parseSparkUrl } from '../../src/adapters/lakehouse/spark/client/spark-url.ts';
import { findFreePort } from '../../src/embedded/free-port.ts';
import { createLog } from '../../src/log.ts';
import { makeCertificate } from '../harness/certificate.ts';
import {
  type Fate,
  type SparkCall,
  type SparkProxyOptions,
  startSparkProxy,
} from '../harness/spark-proxy.ts';
import { type SparkServer, sparkIsInstalled, startSparkServer } from '../harness/spark-server.ts';
import { until } from '../harness/until.ts';

const log = createLog({ level: 'silent', pretty: false, role: 'test' });
const GATEWAY_LOGIN = `Basic ${Buffer.from('gateway:gateway').toString('base64')}`;

describe.skipIf(!sparkIsInstalled())('Spark client and what goes wrong', () => {
  let server: SparkServer;
  let direct: SparkClient;
  const ends: (() => Promise<unknown>)[] = [];

  const urlOf = (port: number, more = '') => `spark+http://127.0.0.1:${port}/cliservice?catalog=lake${more}`;

  function connect(url: string, maxAnswerBytes?: number): SparkClient {
    const client = createSparkClient({ endpoint: parseSparkUrl(url), log, poolSize: 2, maxAnswerBytes });
    ends.unshift(client.close);
    return client;
  }

  async function proxy(options: SparkProxyOptions) {
    const started = await startSparkProxy(server.port, options);
    ends.unshift(started.close);
    return started;
  }

  /** A client whose first statement that matches meets its fate; everything else passes. */
  async function doomed(call: string, statement: RegExp, fate: Fate) {
    let isMet = false;
    const decide = ({ name, text }: SparkCall) => {
      if (isMet || name !== call || !statement.test(text)) return 'pass';
      isMet = true;
      return fate;
    };
    const { port, calls } = await proxy({ decide });
    return { client: connect(urlOf(port)), calls };
  }

  const countOf = async (table: string) => (await direct.query(`SELECT COUNT(*) FROM ${table}`)).rows[0]?.[0];
  const newTable = (name: string) =>
    direct.execute(`CREATE OR REPLACE TABLE ns.${name} (id BIGINT) USING iceberg`);

  beforeAll(async () => {
    server = await startSparkServer();
    direct = createSparkClient({ endpoint: parseSparkUrl(server.url), log });
    await direct.execute('CREATE NAMESPACE IF NOT EXISTS ns');
  });

  afterEach(async () => {
    for (const end of ends.splice(0)) await end();
  });

  afterAll(async () => {
    await direct?.close();
    await server?.stop();
  });

  describe('a connection that breaks', () => {
    test('before a statement arrives: it may have run, for all that is known, and is not sent again', async () => {
      await newTable('swallowed');
      const { client, calls } = await doomed('ExecuteStatement', /INSERT/, 'swallow');
      await expect(client.execute('INSERT INTO ns.swallowed VALUES (1)')).rejects.toMatchObject({
        code: 'lakehouse.unavailable',
        retry: 'transient',
        mayHaveRun: true,
      });
      expect(await countOf('ns.swallowed')).toBe(0n);
      expect(calls.filter((name) => name === 'ExecuteStatement')).toHaveLength(OPENING + 1);
    });

    test('before its answer comes: it may have run, and not twice', async () => {
      await newTable('unheard');
      const { client, calls } = await doomed('ExecuteStatement', /INSERT/, 'lose-answer');
      await expect(client.execute('INSERT INTO ns.unheard VALUES (1)')).rejects.toMatchObject({
        code: 'lakehouse.unavailable',
        mayHaveRun: true,
      });
      expect(calls.filter((name) => name === 'ExecuteStatement')).toHaveLength(OPENING + 1);
      expect([0n, 1n]).toContain(await countOf('ns.unheard'));
    });

    test('while it is waited for: the statement is asked after and its end is known', async () => {
      await newTable('asked_again');
      let left = 2;
      const decide = ({ name }: SparkCall) =>
        name === 'GetOperationStatus' && left-- > 0 ? 'lose-answer' : 'pass';
      const { port } = await proxy({ decide });
      await connect(urlOf(port)).execute('INSERT INTO ns.asked_again VALUES (1)');
      expect(left).toBeLessThan(0);
      expect(await countOf('ns.asked_again')).toBe(1n);
    });

    test('for as long as it is waited for: it may have run', async () => {
      await newTable('given_up');
      let isSent = false;
      const decide = ({ name, text }: SparkCall) => {
        isSent ||= text.includes('INSERT');
        return isSent && name === 'GetOperationStatus' ? 'swallow' : 'pass';
      };
      const { port, calls } = await proxy({ decide });
      await expect(connect(urlOf(port)).execute('INSERT INTO ns.given_up VALUES (1)')).rejects.toMatchObject({
        code: 'lakehouse.unavailable',
        mayHaveRun: true,
      });
      await until('its session is ended', () => calls.includes('CloseSession'));
    });

    test('while rows are fetched: they are not made up, and the session is not used again', async () => {
      const { client, calls } = await doomed('FetchResults', /./s, 'lose-answer');
      await expect(client.query('SELECT id FROM RANGE(10)')).rejects.toMatchObject({ mayHaveRun: true });
      expect((await client.query('SELECT 1')).rows).toEqual([[1]]);
      expect(calls.filter((name) => name === 'OpenSession')).toHaveLength(2);
    });

    test('after a statement is done: it is done', async () => {
      await newTable('tidied');
      const { client } = await doomed('CloseOperation', /./s, 'swallow');
      await client.execute('INSERT INTO ns.tidied VALUES (1)');
      expect(await countOf('ns.tidied')).toBe(1n);
    });

    test('while a session is opened: another is opened, for nothing was sent', async () => {
      const { client } = await doomed('OpenSession', /./s, 'lose-answer');
      expect((await client.query('SELECT 1')).rows).toEqual([[1]]);
    });
  });

  describe('an answer that is none', () => {
    test('of a proxy in trouble is passed on, with how long to wait', async () => {
      const { port } = await proxy({
        decide: () => ({ status: 503, headers: { 'retry-after': '7' }, body: 'busy' }),
      });
      await expect(connect(urlOf(port)).query('SELECT 1')).rejects.toMatchObject({
        code: 'lakehouse.unavailable',
        retryAfterS: 7,
        mayHaveRun: false,
      });
    });

    test.each([
      ['a page', { status: 200, body: '<html>Please log in</html>' }],
      ['a redirect', { status: 302, headers: { location: '/login' }, body: '' }],
      [
        'a length that is not there',
        { status: 200, body: Buffer.from('8001000200000001780000000000007fffffff0b', 'hex') },
      ],
    ] satisfies [string, Fate][])('being %s, says so', async (_, fate) => {
      const { port } = await proxy({ decide: () => fate });
      await expect(connect(urlOf(port)).query('SELECT 1')).rejects.toMatchObject({
        code: 'lakehouse.unavailable',
      });
    });

    test('of more rows than fit is not taken in either', async () => {
      const client = connect(urlOf(server.port), 1_000_000);
      const large = client.query("SELECT REPEAT('x', 1000) FROM RANGE(9000)");
      await expect(large).rejects.toMatchObject({ code: 'lakehouse.answer_too_large' });
      expect((await client.query('SELECT 1')).rows).toEqual([[1]]);
    });

    test('without an end is not taken in', async () => {
      const { port } = await proxy({
        decide: ({ name }) => (name === 'FetchResults' ? { status: 200, body: endless() } : 'pass'),
      });
      const before = process.memoryUsage().rss;
      await expect(connect(urlOf(port), 4_000_000).query('SELECT 1')).rejects.toMatchObject({
        code: 'lakehouse.answer_too_large',
      });
      expect(process.memoryUsage().rss - before).toBeLessThan(500_000_000);
    });
  });

  describe('who asks', () => {
    test('with a wrong password or token is told, and is not asked again', async () => {
      const { port, calls } = await proxy({ decide: () => ({ status: 401, body: 'no' }) });
      await expect(connect(urlOf(port)).query('SELECT 1')).rejects.toMatchObject({
        code: 'lakehouse.auth_failed',
        mayHaveRun: false,
      });
      expect(calls).toEqual(['OpenSession']);
    });

    test('with a token over TLS is let in, if the certificate is one to trust', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'ivory-tls-'));
      const { pfx, passphrase, caFile } = makeCertificate(folder);
      const decide = ({ authorization }: SparkCall): Fate =>
        authorization === 'Bearer to+ken' ? 'pass' : { status: 403, body: '' };
      const { port } = await proxy({ decide, authorization: GATEWAY_LOGIN, tls: { pfx, passphrase } });
      const url = `spark+https://127.0.0.1:${port}/cliservice?catalog=lake`;
      const trusting = `${url}&ca=${encodeURIComponent(caFile)}`;
      const known = connect(`${trusting}&token=to%2Bken`);
      expect((await known.query('SELECT CURRENT_USER()')).rows).toEqual([['gateway']]);
      await expect(connect(`${trusting}&token=other`).query('SELECT 1')).rejects.toMatchObject({
        code: 'lakehouse.auth_failed',
      });
      await expect(connect(`${url}&token=to%2Bken`).query('SELECT 1')).rejects.toMatchObject({
        code: 'lakehouse.unavailable',
        internal: expect.stringMatching(/self-signed certificate/),
        mayHaveRun: false,
      });
      rmSync(folder, { recursive: true });
    });
  });

  test('nobody listening: nothing was sent', async () => {
    await expect(connect(urlOf(await findFreePort())).execute('SELECT 1')).rejects.toMatchObject({
      code: 'lakehouse.unavailable',
      retry: 'transient',
      mayHaveRun: false,
    });
  });

  test('a server that was restarted is worked with as before', async () => {
    const first = await startSparkServer();
    const client = connect(first.url);
    const cutOff = client.query(ENDLESS).catch((error: unknown) => error);
    await until('the statement is at work', async () => (await first.jobs('running')) > 0, 120_000);
    const inSession = client.withSession(async (session) => {
      await first.stop();
      const meanwhile = client.query('SELECT 1');
      await expect(meanwhile).rejects.toMatchObject({ code: 'lakehouse.unavailable', mayHaveRun: false });
      const second = await startSparkServer({ port: first.port });
      ends.push(second.stop);
      await session.query('SELECT 1');
    });
    await expect(inSession).rejects.toMatchObject({ code: 'lakehouse.unavailable', mayHaveRun: false });
    expect(await cutOff).toMatchObject({ code: 'lakehouse.unavailable', mayHaveRun: true });
    expect((await client.query('SELECT 1')).rows).toEqual([[1]]);
  });

  test('a session that rested while the server was restarted is opened anew, unseen', async () => {
    const first = await startSparkServer();
    const client = connect(first.url);
    await client.query('SELECT 1');
    await first.stop();
    const second = await startSparkServer({ port: first.port });
    ends.push(second.stop);
    expect((await client.query('SELECT CURRENT_CATALOG()')).rows).toEqual([['lake']]);
  });
});

/** Hours of work for one core, in one job. */
const ENDLESS = 'SELECT COUNT(*) FROM RANGE(1000000000000) WHERE id % 7 = 3';
/** USE and SET, with which every session begins. */
const OPENING = 2;

function* endless(): Generator<Buffer> {
  for (;;) yield Buffer.alloc(64 * 1024);
}
