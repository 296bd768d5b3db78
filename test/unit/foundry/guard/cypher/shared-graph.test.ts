import { describe, expect, test } from 'vitest';
import { guardCypher } from '../../../../../src/foundry/guard/cypher/guard.ts';
import { SHARED_TABLES } from '../../../../fixtures/foundry/cypher/catalog.ts';

const ask = (query: string, tenantId = 'acme') =>
  guardCypher({ tenantId, query, tables: SHARED_TABLES, maxRows: 10 });
const printed = async (query: string, tenantId?: string) => {
  const verdict = await ask(query, tenantId);
  return verdict.allowed ? verdict.query : verdict.reason;
};

describe('a graph of several tenants', () => {
  test.each([
    ['MATCH (d:Deal) RETURN d.name', "MATCH (d:Deal {`tenant`: 'acme'}) RETURN d.name LIMIT 10"],
    ['MATCH (:Deal) RETURN count(*)', "MATCH (:Deal {`tenant`: 'acme'}) RETURN count(*) LIMIT 10"],
    [
      "MATCH (p:Person {name: 'Ann'})-[:OWNS]->(d:Deal) RETURN d",
      "MATCH (p:Person {`tenant`: 'acme', name: 'Ann'})-[:OWNS]->(d:Deal {`tenant`: 'acme'}) RETURN d LIMIT 10",
    ],
    [
      'MATCH (d:Deal)-[:IN_REGION]->(r:Region) RETURN r.name, count(d)',
      "MATCH (d:Deal {`tenant`: 'acme'})-[:IN_REGION]->(r:Region) RETURN r.name, count(d) LIMIT 10",
    ],
    [
      'MATCH (p:Person)-[x:PAID]->(d:Deal) RETURN sum(x.amount)',
      "MATCH (p:Person {`tenant`: 'acme'})-[x:PAID {`tenant`: 'acme'}]->(d:Deal {`tenant`: 'acme'}) RETURN sum(x.amount) LIMIT 10",
    ],
    [
      'MATCH (r:Region) WHERE (r:Region)<-[:IN_REGION]-(:Deal) RETURN [(r:Region)<-[:IN_REGION]-(d:Deal) | d.name] AS names',
      "MATCH (r:Region) WHERE (r:Region)<-[:IN_REGION]-(:Deal {`tenant`: 'acme'}) RETURN [(r:Region)<-[:IN_REGION]-(d:Deal {`tenant`: 'acme'}) | d.name] AS names LIMIT 10",
    ],
  ])('every pattern is cut down to the tenant: %s', async (query, expected) => {
    expect(await printed(query)).toBe(expected);
  });

  test('a tenant’s name cannot end the text it is written in', async () => {
    const name = String.raw`a'}) RETURN 1 //\ "`;
    expect(await printed('MATCH (d:Deal) RETURN d.name', name)).toBe(
      String.raw`MATCH (d:Deal {${'`tenant`'}: 'a\'}) RETURN 1 //\\ "'}) RETURN d.name LIMIT 10`,
    );
  });

  test.each([
    ['a node without a label', 'MATCH (n) RETURN n'],
    ['a node without anything', 'MATCH (d:Deal)-[:OWNS]-() RETURN d'],
    ['a known variable without its label', 'MATCH (d:Deal) MATCH (d)<-[:OWNS]-(p:Person) RETURN p'],
    ['a variable that is new again', 'MATCH (d:Deal) WITH 1 AS x MATCH (d) RETURN d'],
    ['a relationship without a type', 'MATCH (p:Person)-[r]->(d:Deal) RETURN r'],
    ['a relationship without detail', 'MATCH (p:Person)-->(d:Deal) RETURN d'],
    ['types of which one is scoped', 'MATCH (p:Person)-[:PAID|OWNS]->(d:Deal) RETURN d'],
    ['another tenant by name', "MATCH (d:Deal {tenant: 'rival'}) RETURN d"],
    ['another tenant by name in backticks', "MATCH (d:Deal {`tenant`: 'rival'}) RETURN d"],
    ['another tenant of a relationship', "MATCH (p:Person)-[:PAID {tenant: 'rival'}]->(d:Deal) RETURN d"],
    ['a path over others', 'MATCH (p:Person)-[:OWNS*1..3]->(d:Deal) RETURN d'],
    ['a shortest path', 'MATCH (a:Person), (b:Person) RETURN shortestPath((a)-[:OWNS*..3]->(b))'],
    ['the number of all relationships', 'MATCH (d:Deal) RETURN indegree(d)'],
    ['an unlabelled node in WHERE', 'MATCH (d:Deal) WHERE (d:Deal)<-[:OWNS]-() RETURN d'],
    ['an unlabelled node in a comprehension', 'MATCH (r:Region) RETURN [(r:Region)-[:IN_REGION]-(d) | d]'],
    ['an unlabelled node in a sub-query', 'CALL { MATCH (n) RETURN n } RETURN n'],
  ])('refuses %s', async (_what, query) => {
    expect(await ask(query)).toMatchObject({ allowed: false });
  });
});
