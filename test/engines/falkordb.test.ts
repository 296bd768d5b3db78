import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createFalkordbStore } from '../../src/adapters/falkordb/falkordb.ts';
import { createTenantUsers } from '../../src/adapters/falkordb/tenant-users.ts';
import type { QueryStore, StoreLimits, TenantScope } from '../../src/ports/query-store.ts';
import { type FalkordbServer, falkordbIsInstalled, startFalkordb } from '../harness/falkordb-server.ts';
import { until } from '../harness/until.ts';

const ACME: TenantScope = { tenantId: 'acme', namespaces: ['ivory_tenant_acme'] };
const RIVAL: TenantScope = { tenantId: 'acme_b', namespaces: ['ivory_tenant_acme_b'] };
const LIMITS: StoreLimits = { maxRows: 1_000, maxBytes: 1_000_000, timeoutMs: 30_000 };
const NEVER = new AbortController().signal;
const KEY = Buffer.alloc(32, 3);
const LONG =
  'UNWIND range(1, 1000) AS a UNWIND range(1, 1000) AS b UNWIND range(1, 1000) AS c UNWIND range(1, 1000) AS d WITH a, d WHERE a + d < 0 RETURN count(a)';

describe.skipIf(!falkordbIsInstalled())('FalkorDB as a store', () => {
  let server: FalkordbServer;
  let store: QueryStore;

  const storeAt = (url: string) => createFalkordbStore({ url, declared: [], key: KEY });
  const ask = (query: string, { tenant = ACME, limits = LIMITS, signal = NEVER } = {}) =>
    store.query(tenant, query, limits, signal);
  const refusalOf = (query: string, tenant = ACME) =>
    ask(query, { tenant }).then(
      ({ rows }) => `answered ${rows.length} rows`,
      (error: Error & { code?: string }) => `${error.code}: ${error.message}`,
    );
  const make = async (to: FalkordbServer = server) => {
    await to.admin.call(
      'GRAPH.QUERY',
      'ivory_tenant_acme',
      `CREATE (a:Company {name: 'Acme', size: 9223372036854775807, rate: 0.25, tags: [1, 'x', true], at: point({latitude: 1.5, longitude: 2.5}), born: date('2024-01-02')}),
        (b:Company:Public {name: 'Beta'}), (p:Person {name: 'Ann'}), (a)-[:OWNS {since: 2020}]->(b), (p)-[:RUNS]->(a)`,
    );
    await to.admin.call('GRAPH.QUERY', 'ivory_tenant_acme_b', `CREATE (:Secret {word: 'hush'})`);
  };
  const isWorking = async () =>
    JSON.stringify(await server.admin.call('GRAPH.INFO', 'RunningQueries')).includes('UNWIND');

  beforeAll(async () => {
    server = await startFalkordb();
    await make();
    store = storeAt(server.url);
  });

  afterAll(async () => {
    await store?.close();
    await server?.stop();
  });

  test('says what labels and relationships there are, their counts, properties and ends', async () => {
    const tables = await store.describe(ACME, NEVER);
    expect(tables.map(({ name, kind, rowCount }) => `${kind} ${name} ${rowCount}`)).toEqual([
      'node Company 2',
      'node Person 1',
      'node Public 1',
      'relationship OWNS 1',
      'relationship RUNS 1',
    ]);
    const [company, , , owns, runs] = tables;
    expect(
      company?.columns.map(({ name, type, nullable, samples }) => [name, type, nullable, samples]),
    ).toEqual([
      ['at', 'Point', true, []],
      ['born', 'Date', true, []],
      ['name', 'String', false, ['Acme', 'Beta']],
      ['rate', 'Float', true, []],
      ['size', 'Integer', true, []],
      ['tags', 'List', true, []],
    ]);
    expect(owns?.columns[0]).toMatchObject({ name: 'since', type: 'Integer', nullable: false });
    expect(runs?.references).toEqual([
      { columns: ['start'], table: 'Person', to: ['id'] },
      { columns: ['end'], table: 'Company', to: ['id'] },
    ]);
    expect((await store.describe(RIVAL, NEVER)).map(({ name }) => name)).toEqual(['Secret']);
    expect(await store.describe({ tenantId: 'new', namespaces: ['ivory_tenant_new'] }, NEVER)).toEqual([]);
  });

  test('values come as they are', async () => {
    const { rows, columns } = await ask(
      `MATCH (a:Company {name: 'Acme'}) RETURN a.size, a.rate, 1.0 / 0.0, -1.0 / 0.0, 0.0 / 0.0, true, null, 'é€😀', a.tags,
        {k: 1}, a.at, a.born, localtime('10:11:12'), localdatetime('2024-01-02T03:04:05'), duration('P1DT2H'), vecf32([1.5, 2])`,
    );
    expect(rows).toEqual([
      [
        9223372036854775807n,
        0.25,
        Number.POSITIVE_INFINITY,
        Number.NEGATIVE_INFINITY,
        Number.NaN,
        true,
        null,
        'é€😀',
        [1n, 'x', true],
        new Map([['k', 1n]]),
        new Map([
          ['latitude', 1.5],
          ['longitude', 2.5],
        ]),
        '2024-01-02',
        '10:11:12',
        '2024-01-02T03:04:05',
        'P1DT7200S',
        [1.5, 2],
      ],
    ]);
    expect(columns.map(({ type }) => type).slice(0, 3)).toEqual(['integer', 'float', 'float']);
  });

  test('nodes, relationships and paths come whole', async () => {
    const { rows } = await ask('MATCH p = (a)-[r:OWNS]->(b) RETURN b, r, p');
    const [[b, r, p] = []] = rows;
    expect(b).toEqual(
      new Map<string, unknown>([
        ['id', 1n],
        ['labels', ['Company', 'Public']],
        ['properties', new Map([['name', 'Beta']])],
      ]),
    );
    expect(r).toEqual(
      new Map<string, unknown>([
        ['id', 0n],
        ['type', 'OWNS'],
        ['start', 0n],
        ['end', 1n],
        ['properties', new Map([['since', 2020n]])],
      ]),
    );
    expect(p instanceof Map && [...p.keys()]).toEqual(['nodes', 'relationships']);
  });

  test('no more rows and bytes than asked for', async () => {
    const many = 'UNWIND range(1, 10000) AS x RETURN x';
    const rows = await ask(many, { limits: { ...LIMITS, maxRows: 10 } });
    expect([rows.rows.length, rows.truncated]).toEqual([10, true]);
    const bytes = await ask(many, { limits: { ...LIMITS, maxRows: 10_000, maxBytes: 5_000 } });
    expect(bytes.truncated).toBe(true);
    expect(bytes.rows.length).toBeLessThan(1_000);
    const whole = await ask('UNWIND range(1, 10) AS x RETURN x', { limits: { ...LIMITS, maxRows: 10 } });
    expect([whole.rows.length, whole.truncated]).toEqual([10, false]);
  });

  test('a query over its time is ended by the server', async () => {
    await expect(ask(LONG, { limits: { ...LIMITS, timeoutMs: 500 } })).rejects.toMatchObject({
      code: 'foundry.timeout',
    });
    await until('the server has nothing to do', async () => !(await isWorking()), 60_000);
    expect((await ask('RETURN 1')).rows).toEqual([[1n]]);
  });

  test('a query nobody waits for ends by its time, and the server is free again', async () => {
    const client = new AbortController();
    const asking = ask(LONG, { signal: client.signal, limits: { ...LIMITS, timeoutMs: 3_000 } });
    const outcome = asking.catch((error: unknown) => error);
    await until('it is at work', isWorking);
    client.abort(new Error('the client left'));
    expect(await outcome).toMatchObject({ message: 'the client left' });
    await until('the server has nothing to do', async () => !(await isWorking()), 60_000);
  });

  describe('with no guard in front', () => {
    test.each([
      'CREATE (n:X)',
      'MATCH (n) SET n.name = 1',
      'MATCH (n) REMOVE n.name',
      'MATCH (n) DELETE n',
      'MATCH (n) DETACH DELETE n',
      'MERGE (n:X {a: 1})',
      'MATCH (n) FOREACH (x IN [1] | CREATE (m:X))',
      'CREATE INDEX FOR (n:Company) ON (n.name)',
      'DROP INDEX ON :Company(name)',
      `CALL db.idx.fulltext.createNodeIndex('Company', 'name')`,
      `CALL db.idx.fulltext.drop('Company')`,
      'CALL { CREATE (n:X) RETURN n } RETURN n',
      'MATCH (n) RETURN n; CREATE (m:X)',
      `LOAD CSV FROM 'file:///etc/passwd' AS r RETURN r`,
      `LOAD CSV FROM 'https://127.0.0.1:1/x' AS r RETURN r`,
      `CALL { LOAD CSV FROM 'https://127.0.0.1:1/x' AS r RETURN r } RETURN r`,
      'CALL dbms.procedures() YIELD name RETURN name',
      'CALL dbms.functions()',
      'CALL `dbms`.`functions`() YIELD name RETURN name',
      'CALL dbms./* */functions()',
    ])('is refused: %s', async (query) => {
      const count = () =>
        server.admin.call('GRAPH.RO_QUERY', 'ivory_tenant_acme', 'MATCH (n) RETURN count(n)');
      const [, before] = [await count()].flat();
      expect(await refusalOf(query)).toMatch(/^foundry\.query_failed: /);
      expect([await count()].flat()[1]).toEqual(before);
    });

    test.each([
      'MATCH (a:Company)-[r:OWNS*1..3]->(b) RETURN a.name, count(b) ORDER BY a.name LIMIT 3',
      'MATCH (a) OPTIONAL MATCH (a)-[:OWNS]->(b) WITH a, collect(b) AS bs RETURN a, size(bs)',
      'MATCH (a:Company), (b:Company) WHERE a.name = b.name RETURN a UNION MATCH (a:Person) RETURN a',
      'MATCH (a) WHERE (a)-[:OWNS]->() AND NOT (a)<-[:RUNS]-() RETURN DISTINCT a SKIP 1',
      'MATCH (a:Company {name: "Acme"}), (b:Public) RETURN shortestPath((a)-[:OWNS*]->(b))',
      'CALL db.labels() YIELD label RETURN label',
      `CALL algo.pageRank('Company', 'OWNS') YIELD node, score RETURN node.name, score`,
      'MATCH (n) WHERE id(n) = 0 RETURN n',
    ])('is answered: %s', async (query) => {
      expect(await refusalOf(query)).toMatch(/^answered/);
    });

    test('a tenant’s user sees no other graph and may no other command', async () => {
      await ask('RETURN 1');
      const { user, password } = createTenantUsers(server.admin, KEY).loginFor('ivory_tenant_acme');
      const tenant = new Redis({
        port: server.port,
        username: user,
        password,
        lazyConnect: true,
        enableReadyCheck: false,
      });
      const own = 'ivory_tenant_acme';
      const other = 'ivory_tenant_acme_b';
      const commands = [
        ['GRAPH.RO_QUERY', other, 'MATCH (n) RETURN n'],
        ['GRAPH.EXPLAIN', other, 'MATCH (n) RETURN n'],
        ['GRAPH.QUERY', own, 'MATCH (n) RETURN n'],
        ['GRAPH.PROFILE', own, 'MATCH (n) RETURN n'],
        ['GRAPH.DELETE', own],
        ['GRAPH.COPY', other, own],
        ['GRAPH.COPY', own, 'mine'],
        ['GRAPH.LIST'],
        ['GRAPH.CONFIG', 'GET', '*'],
        ['GRAPH.CONFIG', 'SET', 'TIMEOUT_MAX', '0'],
        ['GRAPH.INFO'],
        ['GRAPH.SLOWLOG', other],
        ['GRAPH.MEMORY', 'USAGE', other],
        ['GRAPH.UDF', 'LIST'],
        ['GRAPH.CONSTRAINT', 'DROP', own, 'UNIQUE', 'NODE', 'Company', 'PROPERTIES', '1', 'name'],
        ['KEYS', '*'],
        ['SCAN', '0'],
        ['DUMP', other],
        ['TYPE', other],
        ['EXISTS', other],
        ['RENAME', own, 'x'],
        ['DEL', own],
        ['XRANGE', `telemetry{${other}}`, '-', '+'],
        ['CONFIG', 'GET', '*'],
        ['EVAL', 'return 1', '0'],
        ['ACL', 'LIST'],
        ['ACL', 'SETUSER', user, 'allkeys'],
        ['CLIENT', 'LIST'],
        ['INFO'],
        ['MONITOR'],
        ['FLUSHALL'],
        ['MODULE', 'LIST'],
        ['SUBSCRIBE', 'x'],
      ];
      for (const [name = '', ...args] of commands)
        await expect(tenant.call(name, ...args), name).rejects.toThrow(/^NOPERM/);
      await expect(tenant.call('GRAPH.RO_QUERY', own, 'CREATE (n)')).rejects.toThrow(/read-only/);
      tenant.disconnect();
    });

    test('two tenants who ask at once get their own only', async () => {
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, n) =>
          ask('MATCH (n) RETURN n.name, n.word ORDER BY n.name LIMIT 1', { tenant: n % 2 ? RIVAL : ACME }),
        ),
      );
      answers.forEach(({ rows }, n) => {
        expect(rows).toEqual(n % 2 ? [[null, 'hush']] : [['Acme', null]]);
      });
    });
  });

  test('what goes wrong is told in the engine’s words', async () => {
    expect(await refusalOf('MATCH (n) RETURN nosuch')).toBe("foundry.query_failed: 'nosuch' not defined");
  });

  test('a server that is not there is a store that is not available, and one that came back is asked again', async () => {
    const first = await startFalkordb();
    const there = storeAt(first.url);
    await make(first);
    const count = () => there.query(ACME, 'MATCH (n:Person) RETURN count(n)', LIMITS, NEVER);
    expect((await count()).rows).toEqual([[1n]]);
    await first.stop();
    await expect(count()).rejects.toMatchObject({ code: 'foundry.store_unavailable' });
    await expect(there.ping(NEVER)).rejects.toMatchObject({ code: 'foundry.store_unavailable' });
    const second = await startFalkordb({ port: first.port });
    await make(second);
    const answer = await until('it answers again', () => count().catch(() => null));
    expect(answer.rows).toEqual([[1n]]);
    await there.close();
    await second.stop();
  });
});
