import type { CatalogTable, Dialect } from '../../src/domain/foundry/catalog.ts';

/** A query of some two thousand characters, as a planner could write it, and the tables it may read. */
export interface GuardedQuery {
  dialect: Dialect;
  query: string;
  tables: CatalogTable[];
}

const MONTHLY = (month: string, revenue: string) => `
  SELECT ${month} AS month, d.region, c.segment, ${revenue} AS revenue, count(DISTINCT d.customer_id) AS customers, min(d.amount) AS smallest,
    max(d.amount) AS largest, sum(CASE WHEN d.channel = 'partner' AND d.discount_pct > 10 THEN d.amount ELSE 0 END) AS discounted
  FROM deals d JOIN customers c ON c.id = d.customer_id
  WHERE d.stage = 'won' AND d.region IN ('emea', 'apac', 'amer', 'latam') AND (c.segment LIKE 'enter%' OR c.employees BETWEEN 200 AND 5000)
  GROUP BY 1, 2, 3`;

const REPORT = (month: string, revenue: string) => `WITH monthly AS (${MONTHLY(month, revenue)}
), ranked AS (
  SELECT month, region, segment, revenue, customers, smallest, largest, discounted,
    lag(revenue) OVER (PARTITION BY region, segment ORDER BY month) AS previous,
    avg(revenue) OVER (PARTITION BY region, segment ORDER BY month ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) AS quarter_mean,
    row_number() OVER (PARTITION BY month ORDER BY revenue DESC) AS place
  FROM monthly
)
SELECT r.month, r.region, r.segment, r.revenue, r.customers, r.revenue - r.previous AS change,
  CASE WHEN r.previous IS NULL OR r.previous = 0 THEN NULL ELSE round((r.revenue - r.previous) / r.previous * 100, 2) END AS change_pct,
  round(r.discounted / nullif(r.revenue, 0) * 100, 1) AS discounted_pct, r.quarter_mean, t.goal,
  CASE WHEN r.revenue >= t.goal THEN 'reached' WHEN r.revenue >= t.goal * 0.9 THEN 'close' ELSE 'missed' END AS verdict
FROM ranked r LEFT JOIN targets t ON t.region = r.region AND t.month = r.month AND t.segment = r.segment
WHERE r.place <= 10 AND r.customers > 3 AND r.region IN (SELECT region FROM targets WHERE goal > 0)
  AND lower(concat(r.region, '/', r.segment)) NOT IN ('emea/small', 'apac/small', 'amer/unknown', 'latam/unknown')
ORDER BY r.month, r.revenue DESC, r.region, r.segment LIMIT 200`;

const TICKS = `WITH candles AS (
  SELECT ts, symbol, venue, first(price) AS opened, max(price) AS high, min(price) AS low, last(price) AS closed, sum(size) AS volume,
    sum(price * size) / sum(size) AS vwap, count() AS trades
  FROM trades
  WHERE ts IN '2026-01-05T08:00;8h;1d;60' AND symbol IN ('AAPL', 'MSFT', 'IBM', 'GOOG', 'AMZN') AND size > 0 AND price BETWEEN 1 AND 100000
    AND (venue = 'XNAS' OR venue = 'XNYS' OR venue = 'BATS') AND condition <> 'cancelled'
  SAMPLE BY 15m FILL(PREV, PREV, PREV, PREV, 0, PREV, 0) ALIGN TO CALENDAR TIME ZONE 'America/New_York' WITH OFFSET '00:05'
), latest AS (
  SELECT ts, symbol, bid, ask, (bid + ask) / 2 AS middle, ask - bid AS spread FROM quotes WHERE ask > bid LATEST ON ts PARTITION BY symbol
), joined AS (
  SELECT c.ts, c.symbol, c.venue, c.opened, c.high, c.low, c.closed, c.volume, c.vwap, c.trades, q.bid, q.ask, q.spread
  FROM candles c ASOF JOIN (SELECT ts, symbol, bid, ask, ask - bid AS spread FROM quotes WHERE ask > bid) q ON (symbol) TOLERANCE 30m
), moving AS (
  SELECT ts, symbol, venue, opened, high, low, closed, volume, vwap, trades, bid, ask, spread,
    avg(closed) OVER (PARTITION BY symbol ORDER BY ts ROWS BETWEEN 19 PRECEDING AND CURRENT ROW) AS mean20,
    sum(volume) OVER (PARTITION BY symbol ORDER BY ts ROWS BETWEEN 3 PRECEDING AND CURRENT ROW) AS hour_volume,
    row_number() OVER (PARTITION BY symbol ORDER BY volume DESC) AS place
  FROM joined
)
SELECT m.ts, m.symbol, m.venue, m.closed, round((m.closed - m.opened) / m.opened * 100, 3) AS change_pct, m.high - m.low AS reach,
  m.volume, m.hour_volume, m.vwap, round(m.closed / m.mean20 - 1, 5) AS off_mean, m.spread, l.middle, l.spread AS latest_spread,
  CASE WHEN m.closed > m.mean20 * 1.02 THEN 'above' WHEN m.closed < m.mean20 * 0.98 THEN 'below' ELSE 'within' END AS band,
  dateadd('h', 1, m.ts) AS until, to_str(timestamp_floor('d', m.ts), 'yyyy-MM-dd') AS day
FROM moving m LEFT JOIN latest l ON l.symbol = m.symbol
WHERE m.place <= 50 AND m.trades > 5 ORDER BY m.ts, m.symbol, m.venue LIMIT 500`;

export const QUERIES: readonly GuardedQuery[] = [
  {
    dialect: 'spark',
    query: REPORT("date_trunc('month', d.closed_at)", 'sum(d.amount)'),
    tables: ['deals', 'customers', 'targets'].map((name) => table(`ivory_tenant_acme.${name}`)),
  },
  {
    dialect: 'postgres',
    query: REPORT("date_trunc('month', d.closed_at)", 'sum(d.amount)'),
    tables: ['deals', 'customers', 'targets'].map((name) => table(`ivory_tenant_acme.${name}`)),
  },
  { dialect: 'questdb', query: TICKS, tables: ['trades', 'quotes'].map((name) => table(name)) },
];

function table(name: string): CatalogTable {
  const columns = (
    'id region customer_id amount channel discount_pct stage closed_at segment employees month goal ' +
    'ts symbol venue price size condition bid ask'
  ).split(' ');
  return {
    name,
    kind: 'table',
    description: null,
    rowCount: null,
    columns: columns.map((column) => ({
      name: column,
      type: 'text',
      nullable: true,
      description: null,
      samples: [],
    })),
    keys: [],
    references: [],
    tenantColumn: null,
    timeColumn: null,
  };
}
