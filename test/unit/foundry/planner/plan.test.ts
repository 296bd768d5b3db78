import { describe, expect, it } from 'vitest';
import { planQuestion } from '../../../../src/foundry/planner/plan.ts';
import { ask, GRAPH, NOW, queryOf, SALES, source, TRADES, table } from './catalogs.ts';

const sales = [source('postgres', SALES)];

describe('what is answered', () => {
  it('follows references to the words of another table', () => {
    expect(queryOf(ask('total amount of won deals by industry', sales))).toBe(
      'SELECT t2."industry" AS "industry", sum(t1."amount") AS "total_amount" FROM "ns"."deals" AS t1 JOIN "ns"."companies" AS t2 ON t1."company_id" = t2."id" ' +
        `WHERE t1."stage" = 'Won' GROUP BY t2."industry" ORDER BY "total_amount" DESC NULLS LAST, "industry"`,
    );
  });

  it('writes a column by its own name, whatever signs are in it', () => {
    expect(queryOf(ask('average total cost of deals', sales))).toContain('avg("Cost Total $")');
  });

  it('never lets a text of the question end its literal', () => {
    const query = queryOf(ask(`deals of the company named "x' OR '1'='1"`, sales));
    expect(query).toContain(`= 'x'' or ''1''=''1'`);
  });

  it('limits what the question limits, and leaves the rest to the guard, who says so', () => {
    expect(queryOf(ask('show 3 deals', sales))).toMatch(/LIMIT 3$/);
    expect(queryOf(ask('show all deals', sales))).not.toContain('LIMIT');
  });

  it('reads the same question the same way every time', () => {
    const question = 'top 3 companies by total deal amount in 2025';
    expect(ask(question, sales)).toEqual(ask(question, sales));
  });

  it('says in its explanation what it counted, where and in which order', () => {
    const planned = ask('which company has the most deals in 2025?', sales);
    expect(planned.kind === 'plan' && planned.plan.explanation).toBe(
      'The number of rows per name of ns.companies (company_id) from ns.deals where deal_date is from 2025-01-01 and before 2026-01-01, highest that first, the first 1.',
    );
  });
});

describe('the questions of the public documents', () => {
  const companies = table('ns.companies', [
    'company_name text',
    'sector text: Semiconductors, Software',
    'rd_spend_usd_millions numeric',
    'free_cash_flow_usd_millions numeric',
  ]);
  const segments = table('ns.revenue_breakdowns', [
    'segment_name text',
    'company text',
    'yoy_growth_pct numeric',
    'fiscal_year integer',
  ]);
  const stores = [source('spark', [companies, segments])];
  const highest = 'Which semiconductor companies have the highest R&D spend?';

  it('are answered, the follow-up over the same companies', () => {
    expect(queryOf(ask(highest, stores))).toContain("`sector` = 'Semiconductors'");
    expect(queryOf(ask(highest, stores))).toContain('ORDER BY `rd_spend_usd_millions` DESC');
    const query = queryOf(ask('Now filter to only those with positive free cash flow', stores, [highest]));
    expect(query).toContain("`sector` = 'Semiconductors'");
    expect(query).toContain('`free_cash_flow_usd_millions` > 0');
  });

  it('take a name for the company, not for the segment that is asked for', () => {
    const query = queryOf(ask("What were Apple's top 3 revenue segments by growth in FY2024?", stores));
    expect(query).toContain("lower(`company`) = 'apple'");
    expect(query).toContain('`fiscal_year` = 2024');
    expect(query).toMatch(/LIMIT 3$/);
  });
});

describe('stretches of time', () => {
  it.each([
    ['deals in 2024', '2024-01-01', '2025-01-01'],
    ['deals last month', '2026-10-01', '2026-11-01'],
    ['deals this quarter', '2026-10-01', '2027-01-01'],
    ['deals since March 2023', '2023-03-01', null],
    ['deals before 2020', null, '2020-01-01'],
    ['deals after 2020', '2021-01-01', null],
    ['deals between 2024-02-01 and 2024-02-10', '2024-02-01', '2024-02-11'],
    ['deals from January 2024 to March 2024', '2024-01-01', '2024-04-01'],
    ['deals in Q2 2025', '2025-04-01', '2025-07-01'],
    ['deals in the last 7 days', '2026-11-14', '2026-11-22'],
    ['deals in the 2010s', '2010-01-01', '2020-01-01'],
    ['deals yesterday', '2026-11-20', '2026-11-21'],
  ])('%s', (question, from, to) => {
    const query = queryOf(ask(question, sales));
    expect([/>= '([^']*)'/.exec(query)?.[1] ?? null, /< '([^']*)'/.exec(query)?.[1] ?? null]).toEqual([
      from,
      to,
    ]);
  });
});

describe('what is not answered', () => {
  it.each([
    'average blood pressure of patients',
    'drop table deals',
    'why are deals lost?',
    'how many purple deals are there?',
    'deals and their weather',
  ])('refuses what nothing in the catalog explains: %s', (question) =>
    expect(ask(question, sales)).toMatchObject({ kind: 'unanswerable' }),
  );

  it('names the word that nothing explains', () => {
    expect(ask('how many purple deals are there?', sales)).toMatchObject({
      reason: expect.stringContaining('"purple"'),
    });
  });

  it('asks back, with their names, where two columns fit equally well', () => {
    const films = table('films', ['title text', 'US Gross bigint', 'Worldwide Gross bigint']);
    const planned = ask('average gross of films', [source('postgres', [films])]);
    expect(planned).toMatchObject({ kind: 'clarify' });
    expect(planned.kind === 'clarify' && planned.ask).toMatch(/US Gross.*Worldwide Gross/);
  });

  it('asks back where two tables fit equally well', () => {
    const twins = ['sales_2023', 'sales_2024'].map((name) => table(name, ['id integer', 'amount numeric']));
    expect(ask('total amount of sales', [source('postgres', twins)])).toMatchObject({ kind: 'clarify' });
  });

  it('refuses a date where the table has none', () => {
    expect(ask('companies in 2024', [source('postgres', SALES.slice(0, 1))])).toMatchObject({
      kind: 'unanswerable',
    });
  });

  it('asks no store that did not answer', () => {
    expect(ask('how many deals', [source('postgres', SALES, false)])).toMatchObject({ kind: 'unanswerable' });
  });

  it('gives up on texts that no one would ask', () => {
    expect(ask('deals '.repeat(1_000), sales)).toMatchObject({ kind: 'unanswerable' });
    for (const odd of ['', '?', '{c0} {v1}', '((((', '\u0000', "'"])
      expect(ask(odd, sales).kind).not.toBe('plan');
  });
});

describe('earlier turns', () => {
  it.each([
    [
      ['how many deals'],
      'now only for 2024',
      `WHERE "deal_date" >= '2024-01-01' AND "deal_date" < '2025-01-01'`,
    ],
    [
      ['how many deals in 2024'],
      'and in 2025?',
      `WHERE "deal_date" >= '2025-01-01' AND "deal_date" < '2026-01-01'`,
    ],
    [['number of open deals'], 'what about Lost?', `"stage" = 'Lost'`],
    [['number of deals by stage'], 'and by industry?', 'GROUP BY t2."industry"'],
    [['number of deals by stage'], 'also by industry', 'GROUP BY t1."stage", t2."industry"'],
    [['top 5 companies by number of deals'], 'and the fewest?', 'ORDER BY "count" ASC'],
    [['how many deals', 'only in 2024'], 'and by month?', "date_trunc('month'"],
  ])('%j, %s', (earlier, question, part) => {
    expect(queryOf(ask(question, sales, earlier))).toContain(part);
  });

  it('a question of its own forgets what was asked before', () => {
    expect(queryOf(ask('how many companies are there?', sales, ['how many deals in 2024']))).toBe(
      'SELECT count(*) AS "count" FROM "ns"."companies"',
    );
  });
});

describe('which store', () => {
  const both = [
    source('postgres', [table('trades', ['ts timestamp', 'price double'])]),
    source('questdb', [TRADES]),
  ];

  it('takes the one that is hinted at', () => {
    const ask = (sources: ('questdb' | 'postgres')[]) =>
      planQuestion({
        question: 'average price of trades',
        context: [],
        catalog: { sources: both },
        sources,
        now: NOW,
      });
    expect(ask(['questdb'])).toMatchObject({ plan: { target: 'questdb' } });
    expect(ask(['postgres'])).toMatchObject({ plan: { target: 'postgres' } });
  });

  it('takes the one that knows more of the words', () => {
    expect(ask('number of trades by side', both)).toMatchObject({ plan: { target: 'questdb' } });
  });
});

describe('dialects', () => {
  const questdb = [source('questdb', [TRADES])];
  const graph = [source('cypher', GRAPH)];

  it.each([
    [
      'average price of BTC-USD per hour',
      `SELECT "ts" AS "hour", avg("price") AS "average_price" FROM "ns.trades" WHERE "symbol" = 'BTC-USD' SAMPLE BY 1h ALIGN TO CALENDAR ORDER BY "hour"`,
    ],
    [
      'latest price of each symbol',
      'SELECT "symbol" AS "symbol", "price" AS "price", "ts" AS "ts" FROM "ns.trades" LATEST ON "ts" PARTITION BY "symbol" ORDER BY "symbol"',
    ],
    [
      'symbols with more than 100 trades',
      'SELECT * FROM (SELECT "symbol" AS "symbol", count(*) AS "count" FROM "ns.trades" GROUP BY "symbol") WHERE "count" > 100 ORDER BY "count" DESC, "symbol"',
    ],
    [
      'trades in the last 2 hours',
      `SELECT "ts" AS "ts", "symbol" AS "symbol", "side" AS "side", "price" AS "price", "amount" AS "amount" FROM "ns.trades" WHERE "ts" >= '2026-11-21T10:00:00Z'`,
    ],
  ])('QuestDB: %s', (question, query) => expect(queryOf(ask(question, questdb))).toBe(query));

  it.each([
    ['how many airports are there?', 'MATCH (n:Airport) RETURN count(n) AS `count`'],
    [
      'which airport has the most routes?',
      'MATCH (a:Airport)-[r:ROUTE]->(b:Airport) RETURN a.name AS name, count(r) AS `count` ORDER BY `count` DESC, name LIMIT 1',
    ],
    [
      'movies directed by Jane Doe',
      "MATCH (a:Person)-[r:DIRECTED]->(b:Movie) WHERE toLower(a.name) = 'jane doe' RETURN DISTINCT b.title AS title ORDER BY title",
    ],
    [
      'who directed Inception?',
      "MATCH (a:Person)-[r:DIRECTED]->(b:Movie) WHERE toLower(b.title) = 'inception' RETURN DISTINCT a.name AS name ORDER BY name",
    ],
    [
      'neighbours of ATL',
      "MATCH (a:Airport)-[r:ROUTE]->(b:Airport) WHERE toLower(a.iata) = 'atl' RETURN DISTINCT b.name AS name ORDER BY name",
    ],
    [
      'which airports can be reached from ATL within 2 steps?',
      "MATCH (a:Airport)-[:ROUTE*1..2]->(b:Airport) WHERE toLower(a.iata) = 'atl' RETURN DISTINCT b.name AS name ORDER BY name",
    ],
    [
      'shortest path between ATL and DFW',
      "MATCH (a:Airport), (b:Airport) WHERE toLower(a.iata) = 'atl' AND toLower(b.iata) = 'dfw' WITH a, b LIMIT 1 WITH shortestPath((a)-[:ROUTE*1..5]->(b)) AS p RETURN [x IN nodes(p) | x.iata] AS path, length(p) AS steps LIMIT 1",
    ],
  ])('Cypher: %s', (question, query) => expect(queryOf(ask(question, graph))).toBe(query));

  it('Spark: names in backticks, days as dates', () => {
    expect(queryOf(ask('deals per month in 2025', [source('spark', SALES)]))).toBe(
      "SELECT CAST(date_trunc('MONTH', `deal_date`) AS DATE) AS `month`, count(*) AS `count` FROM `ns`.`deals` WHERE `deal_date` >= DATE '2025-01-01' AND `deal_date` < DATE '2026-01-01' " +
        "GROUP BY CAST(date_trunc('MONTH', `deal_date`) AS DATE) ORDER BY `month`",
    );
  });
});
