import { Writable } from 'node:stream';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { ApiServer } from '../../../src/api/serve.ts';
import { insertConnector } from '../../harness/connectors.ts';
import { lockTable } from '../../harness/table-lock.ts';
import { until } from '../../harness/until.ts';
import { answerOf, bearer, createServed, LIST, openRaw, type RawClient, type Served } from './served.ts';

let served: Served;
let headers: Record<string, string>;
let head: string;
const open: RawClient[] = [];
beforeAll(async () => {
  served = await createServed();
  headers = await bearer();
  head = `Host: ivory\r\nAuthorization: ${headers['authorization']}\r\n`;
});
afterEach(() => {
  for (const { socket } of open.splice(0)) socket.destroy();
});
afterAll(() => served.close());

async function connectTo({ port }: ApiServer): Promise<RawClient> {
  const client = await openRaw(port);
  open.push(client);
  return client;
}

async function isServed({ url }: ApiServer): Promise<boolean> {
  return (await fetch(`${url}${LIST}`, { headers })).status === 200;
}

const codeOf = (client: RawClient) => {
  const { status, body } = answerOf(client.heard());
  return [status, body === '' ? null : JSON.parse(body).code];
};

/** A log that keeps its lines. */
function keptLog() {
  const lines: { level: number; msg: string; status?: number }[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines.push(JSON.parse(String(chunk)));
      done();
    },
  });
  return { lines, log: pino({ level: 'debug' }, stream) };
}

describe('a client that does not send on', () => {
  test('is told 408 and cut, in its headers and in its body', async () => {
    const server = await served.serve({ times: { headersMs: 250, requestMs: 500 } });
    const inHeaders = await connectTo(server);
    inHeaders.socket.write(`GET ${LIST} HTTP/1.1\r\nHost: i\r\n`);
    const inBody = await connectTo(server);
    inBody.socket.write(
      `POST ${LIST} HTTP/1.1\r\n${head}Content-Type: application/json\r\nContent-Length: 9\r\n\r\n{`,
    );
    const silent = await connectTo(server);
    await Promise.all([inHeaders.closed, inBody.closed, silent.closed]);
    expect(codeOf(inHeaders)).toEqual([408, 'request.timeout']);
    expect(codeOf(inBody)).toEqual([408, 'request.timeout']);
    expect(await isServed(server)).toBe(true);
  });

  test('is cut between two requests', async () => {
    const server = await served.serve({ times: { keepAliveMs: 100 } });
    const client = await connectTo(server);
    client.socket.write(`GET /healthz HTTP/1.1\r\n${head}\r\n`);
    await client.closed;
    expect(answerOf(client.heard()).status).toBe(200);
  });
});

describe('a client that does not read', () => {
  test('is cut, and has no connection of the database while its answer waits', async () => {
    const { lines, log } = keptLog();
    const server = await served.serve({ times: { stallMs: 300 } }, { log });
    const client = await connectTo(server);
    client.socket.pause();
    // far more than the buffers between two ends of a socket hold
    const asked = `GET /openapi.json HTTP/1.1\r\n${head}\r\n`.repeat(30);
    client.socket.write(asked);
    await until('it is cut', () => lines.some(({ msg }) => msg.endsWith('nothing moved was cut')));
    expect(lines.filter(({ level }) => level >= 50)).toEqual([]);
    await until('no connection of the database is in use', async () => {
      const [row] = await served.deps.database.sql`select count(*)::int as busy from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle' and backend_type = 'client backend'`;
      return row?.['busy'] === 0;
    });
    expect(await isServed(server)).toBe(true);
  });

  test('is not cut while it is us whom it waits for', async () => {
    const server = await served.serve({ times: { stallMs: 200 } });
    const { id } = await insertConnector(served.deps);
    const held = await lockTable(served.deps.databaseUrl, 'etl.meltano_connectors');
    const client = await connectTo(server);
    client.socket.write(
      `POST ${LIST}/${id}/pause HTTP/1.1\r\n${head}Content-Length: 0\r\nConnection: close\r\n\r\n`,
    );
    await held.waitedFor();
    // another one that waits with nothing under way shows that the time has passed
    const idle = await connectTo(server);
    await idle.closed;
    await held.release();
    await client.closed;
    expect(answerOf(client.heard()).status).toBe(200);
  });

  test('or sends many requests at once is cut', async () => {
    const server = await served.serve({ connections: { maxPipelined: 4 } });
    const client = await connectTo(server);
    client.socket.write(`GET ${LIST} HTTP/1.1\r\n${head}\r\n`.repeat(50));
    await client.closed;
    expect(await isServed(server)).toBe(true);
  });
});

describe('many connections', () => {
  test('a thousand that never finish their headers keep nobody out, from their own address or another', async () => {
    const server = await served.serve({ connections: { max: 400, maxPerAddress: 200 } });
    const slow = await Promise.all(Array.from({ length: 1_000 }, () => connectTo(server)));
    for (const { socket } of slow) if (socket.writable) socket.write('GET / HTTP/1.1\r\nX-Slow: ');
    for (let n = 0; n < 5; n++) expect(await isServed(server)).toBe(true);
    await until(
      'those that had to go are gone',
      () => slow.filter(({ socket }) => socket.closed).length > 700,
    );
    expect(codeOf(slow[0] ?? (await connectTo(server)))).toEqual([503, 'api.too_many_connections']);
  });

  test('that all have a request under way are kept, and the newcomer is refused', async () => {
    const server = await served.serve({ connections: { maxPerAddress: 1 } });
    const { id } = await insertConnector(served.deps);
    const held = await lockTable(served.deps.databaseUrl, 'etl.meltano_connectors');
    const busy = await connectTo(server);
    busy.socket.write(
      `POST ${LIST}/${id}/pause HTTP/1.1\r\n${head}Content-Length: 0\r\nConnection: close\r\n\r\n`,
    );
    await held.waitedFor();
    const newcomer = await connectTo(server);
    await newcomer.closed;
    expect(codeOf(newcomer)).toEqual([503, 'api.too_many_connections']);
    await held.release();
    await busy.closed;
    expect(answerOf(busy.heard()).status).toBe(200);
  });
});

describe('a client that goes', () => {
  test('in the middle of its body leaves no error behind', async () => {
    const { lines, log } = keptLog();
    const server = await served.serve({}, { log });
    const client = await connectTo(server);
    client.socket.write(
      `POST ${LIST} HTTP/1.1\r\n${head}Content-Type: application/json\r\nContent-Length: 99\r\n\r\n{"a`,
    );
    await isServed(server);
    client.socket.resetAndDestroy();
    await until('its request has ended', () => lines.some(({ status }) => status === 400));
    expect(lines.filter(({ level }) => level >= 50)).toEqual([]);
  });

  test('while it waits leaves no error behind', async () => {
    const { lines, log } = keptLog();
    const server = await served.serve({}, { log });
    const { id } = await insertConnector(served.deps);
    const held = await lockTable(served.deps.databaseUrl, 'etl.meltano_connectors');
    const client = await connectTo(server);
    client.socket.write(`POST ${LIST}/${id}/pause HTTP/1.1\r\n${head}Content-Length: 0\r\n\r\n`);
    await held.waitedFor();
    client.socket.resetAndDestroy();
    await held.release();
    await until('its request has ended', () => lines.some(({ msg }) => msg === 'request'));
    expect(lines.filter(({ level }) => level >= 50)).toEqual([]);
  });
});
