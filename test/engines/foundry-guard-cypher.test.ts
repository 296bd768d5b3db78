import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { CatalogTable } from '../../src/domain/foundry/catalog.ts';
import { guardCypher } from '../../src/foundry/guard/cypher/guard.ts';
import { readCorpus } from '../fixtures/foundry/corpus.ts';
import { SHARED_TABLES, TABLES, TENANT } from '../fixtures/foundry/cypher/catalog.ts';
import { FRAGMENTS } from '../fixtures/foundry/cypher/fragments.ts';
import { mutations } from '../fixtures/foundry/mutations.ts';
import { type FalkordbServer, falkordbIsInstalled, startFalkordb } from '../harness/falkordb-server.ts';

const MAX_ROWS = 1_000;
const Answer = z.tuple([z.array(z.unknown()), z.array(z.unknown()), z.array(z.unknown())]);
const Graph = z.object({
  nodes: z.array(z.object({ name: z.string(), group: z.number(), index: z.number() })),
  links: z.array(z.object({ source: z.number(), target: z.number(), value: z.number() })),
});
const Parts = z.array(
  z.object({
    id: z.number(),
    name: z.string(),
    parent: z.number().optional(),
    size: z.number().optional(),
  }),
);

function textOf(file: string): string {
  return readFileSync(new URL(`../../node_modules/vega-datasets/data/${file}`, import.meta.url), 'utf8');
}

/** The cells of lines without quotes. */
function linesOf(file: string): string[][] {
  const [, ...lines] = textOf(file).trim().split('\n');
  return lines.filter((line) => !line.includes('"')).map((line) => line.split(','));
}

/** Values as Cypher writes them: maps without quotes around their keys. */
function literal(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  return `{${Object.entries(value)
    .map(([name, inner]) => `${name}: ${literal(inner)}`)
    .join(', ')}}`;
}

describe.skipIf(!falkordbIsInstalled())('what the guard of Cypher lets through, on a FalkorDB', () => {
  let server: FalkordbServer;

  const write = (graph: string, query: string) => server.admin.call('GRAPH.QUERY', graph, query);
  const read = async (graph: string, query: string) => {
    const [columns, rows] = Answer.parse(await server.admin.call('GRAPH.RO_QUERY', graph, query));
    return { columns, rows };
  };
  const guarded = async (query: string, tables: readonly CatalogTable[], maxRows = MAX_ROWS) => {
    const verdict = await guardCypher({ tenantId: TENANT, query, tables, maxRows });
    if (!verdict.allowed) throw new Error(verdict.reason);
    return verdict;
  };

  beforeAll(async () => {
    server = await startFalkordb();
    await loadFlights();
    await loadNovel();
    await loadParts();
  });

  afterAll(() => server?.stop());

  async function loadFlights() {
    const flights = linesOf('flights-airport.csv');
    const flown = new Set(flights.flatMap((line) => line.slice(0, 2)));
    const airports = linesOf('airports.csv')
      .filter(([iata]) => flown.has(iata ?? ''))
      .map(([iata, name, city, state, , latitude, longitude]) => {
        return { iata, name, city, state, latitude: Number(latitude), longitude: Number(longitude) };
      });
    await write('g', 'CREATE INDEX FOR (a:Airport) ON (a.iata)');
    await write(
      'g',
      `UNWIND ${literal(airports)} AS r MERGE (s:State {code: r.state}) CREATE (:Airport {iata: r.iata, name: r.name, city: r.city, latitude: r.latitude, longitude: r.longitude})-[:IN_STATE]->(s)`,
    );
    const routes = flights.map(([from, to, count]) => ({ from, to, count: Number(count) }));
    await write(
      'g',
      `UNWIND ${literal(routes)} AS r MATCH (a:Airport {iata: r.from}), (b:Airport {iata: r.to}) CREATE (a)-[:FLIES_TO {count: r.count}]->(b)`,
    );
  }

  async function loadNovel() {
    const { nodes, links } = Graph.parse(JSON.parse(textOf('miserables.json')));
    await write(
      'g',
      `UNWIND ${literal(nodes)} AS r CREATE (:Character {name: r.name, \`group\`: r.group, nr: r.index})`,
    );
    await write(
      'g',
      `UNWIND ${literal(links)} AS r MATCH (a:Character {nr: r.source}), (b:Character {nr: r.target}) CREATE (a)-[:MEETS {times: r.value}]->(b)`,
    );
  }

  async function loadParts() {
    const parts = Parts.parse(JSON.parse(textOf('flare.json')));
    await write(
      'g',
      `UNWIND ${literal(parts.map(({ size = null, id, name }) => ({ id, name, size })))} AS r CREATE (:Part {id: r.id, name: r.name, size: r.size})`,
    );
    await write(
      'g',
      `UNWIND ${literal(parts.filter(({ parent }) => parent !== undefined))} AS r MATCH (a:Part {id: r.id}), (b:Part {id: r.parent}) CREATE (a)-[:PART_OF]->(b)`,
    );
  }

  test.each(readCorpus('cypher/queries.jsonl'))('means the same: $name', async ({ query }) => {
    const verdict = await guarded(query, TABLES);
    const asked = await read('g', query);
    const answered = await read('g', verdict.query);
    expect(answered).toEqual({ columns: asked.columns, rows: asked.rows.slice(0, MAX_ROWS) });
    expect(answered.rows.length).toBeGreaterThan(0);
  });

  test('no answer is longer than its limit, unions included', async () => {
    const names = 'MATCH (c:Character) RETURN c.name AS name';
    for (const query of [
      names,
      `${names} LIMIT 50`,
      `${names} UNION ALL ${names}`,
      `${names} UNION ${names} LIMIT 40`,
    ]) {
      const { query: printed, limited } = await guarded(query, TABLES, 7);
      expect(limited).toBe(true);
      expect((await read('g', printed)).rows).toHaveLength(7);
    }
  });

  test('whatever attacks are put into a query, nothing is written, even by who may write', async () => {
    const state = () =>
      read(
        'g',
        'MATCH (n) OPTIONAL MATCH (n)-[r]->() RETURN labels(n), count(DISTINCT n), count(r), min(keys(n))',
      );
    const before = await state();
    const queries = readCorpus('cypher/queries.jsonl').map(({ query }) => query);
    let answered = 0;
    const holds = fc.asyncProperty(mutations(queries, FRAGMENTS), async ({ query }) => {
      const verdict = await guardCypher({ tenantId: TENANT, query, tables: TABLES, maxRows: 10 });
      if (!verdict.allowed) return;
      const outcome = server.admin.call('GRAPH.QUERY', 'g', verdict.query, 'TIMEOUT', '2000');
      answered += await outcome.then(
        () => 1,
        () => 0,
      );
    });
    await fc.assert(holds, { seed: 9, numRuns: 2_000, endOnFailure: true });
    expect(answered).toBeGreaterThan(20);
    expect(await state()).toEqual(before);
  });

  describe('in a graph of several tenants', () => {
    const dealsOf = (tenant: string) => `
      MERGE (r:Region {name: 'North'})
      CREATE (p:Person {tenant: '${tenant}', name: 'Ann'})-[:OWNS {since: 2020}]->(d:Deal {tenant: '${tenant}', name: '${tenant} deal', amount: 10})-[:IN_REGION]->(r),
        (p)-[:PAID {tenant: '${tenant}', amount: 5}]->(d)`;

    beforeAll(async () => {
      await write('own', dealsOf(TENANT));
      await write('shared', dealsOf('rival'));
      await write('shared', dealsOf(TENANT));
      await write(
        'shared',
        `MATCH (p:Person {tenant: 'rival'}), (d:Deal {tenant: '${TENANT}'}) CREATE (p)-[:OWNS {since: 1}]->(d)`,
      );
    });

    test.each([
      'MATCH (d:Deal) RETURN d.name, d.amount',
      'MATCH (:Deal) RETURN count(*)',
      'MATCH (p:Person)-[o:OWNS]->(d:Deal) RETURN p.name, o.since, d.name',
      'MATCH (r:Region)<-[:IN_REGION]-(d:Deal) RETURN r.name, collect(d.name)',
      'MATCH (d:Deal)-[:IN_REGION]->(r:Region)<-[:IN_REGION]-(e:Deal) RETURN count(*)',
      'MATCH (p:Person)-[x:PAID]->(d:Deal) RETURN sum(x.amount)',
      'MATCH (r:Region) RETURN [(r:Region)<-[:IN_REGION]-(d:Deal) | d.name] AS deals',
      'MATCH (r:Region) OPTIONAL MATCH (r:Region)<-[:IN_REGION]-(d:Deal) RETURN r.name, count(d)',
      'MATCH (r:Region) CALL { WITH r MATCH (r:Region)<-[:IN_REGION]-(d:Deal) RETURN sum(d.amount) AS total } RETURN r.name, total',
      'MATCH (d:Deal) RETURN d.name AS name UNION MATCH (p:Person) RETURN p.name AS name',
      "MATCH (d:Deal) WHERE d.tenant = 'rival' RETURN count(d)",
      "MATCH (d:Deal) WHERE d.tenant = 'rival' OR true RETURN d.name",
      'MATCH (p:Person) WHERE (p:Person)-[:OWNS]->(:Deal) RETURN count(p)',
    ])('the tenant is answered as if it were alone: %s', async (query) => {
      const { query: printed } = await guarded(query, SHARED_TABLES);
      expect(await read('shared', printed)).toEqual(await read('own', query));
    });
  });
});
