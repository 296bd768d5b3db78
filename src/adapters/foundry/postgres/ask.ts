import pg from 'pg';
import type { StoreValue } from '../../../domain/foundry/store-value.ts';
import type { StoreAnswer, StoreLimits } from '../../../ports/query-store.ts';
import { checkPlan, type Readable } from './check-plan.ts';
import { valueReader } from './values.ts';
import { type Reader, type ReaderSession, withReader } from './with-reader.ts';

export interface Question {
  url: string;
  reader: Reader;
  readable: Readable;
  query: string;
  limits: StoreLimits;
  signal: AbortSignal;
}

/** Of a null, and of what a value takes beside its bytes. */
const VALUE_OVERHEAD_BYTES = 8;
/** What may come beyond the limit before the line is cut: the values of one row. */
const SLACK_BYTES = 64 * 1024 * 1024;

/**
 * Runs one query as a tenant's reader. It becomes a cursor's: anything but one SELECT, VALUES or TABLE does not parse there; and the plan that Postgres
 * makes of it must read nothing but tables of the schemas. Throws what a QueryStore's query throws.
 */
export async function askAsReader({ query, limits, readable, ...of }: Question): Promise<StoreAnswer> {
  const { maxBytes, timeoutMs } = limits;
  return withReader(
    { ...of, schemas: readable.schemas, timeoutMs, maxBytes: maxBytes * 4 + SLACK_BYTES },
    async (session) => {
      const { client } = session;
      // a named statement goes by the extended protocol, which takes one statement only
      await client.query({ name: 'ask', text: `declare answer no scroll cursor for ${query}` });
      const { rows } = await client.query<{ 'QUERY PLAN': unknown }>({
        name: 'plan',
        text: `explain (format json, verbose, costs off) ${query}`,
      });
      await checkPlan(client, rows[0]?.['QUERY PLAN'], readable);
      const columns = await columnsOf(client);
      return { columns, ...(await fetchRows(session, limits)) };
    },
  );
}

async function columnsOf(client: pg.Client): Promise<StoreAnswer['columns']> {
  const { fields } = await client.query('fetch forward 0 from answer');
  const { rows } = await client.query<{ type: string }>(
    `select format_type(oid, mod) as type from unnest($1::oid[], $2::int[]) with ordinality as t(oid, mod, n) order by n`,
    [fields.map(({ dataTypeID }) => dataTypeID), fields.map(({ dataTypeModifier }) => dataTypeModifier)],
  );
  return fields.map(({ name }, n) => ({ name, type: rows[n]?.type ?? 'unknown' }));
}

/** One fetch: a second would run under whatever timeout the first had set by set_config. */
function fetchRows(
  { client, stop }: ReaderSession,
  { maxRows, maxBytes }: StoreLimits,
): Promise<Pick<StoreAnswer, 'rows' | 'truncated'>> {
  let bytesLeft = maxBytes;
  const types = {
    getTypeParser(oid: number) {
      const read = valueReader(oid);
      return (text: string): StoreValue => {
        bytesLeft -= text.length;
        return bytesLeft < 0 ? null : read(text);
      };
    },
  };
  const config: pg.QueryArrayConfig = {
    text: `fetch forward ${maxRows + 1} from answer`,
    rowMode: 'array',
    types,
  };
  const rows: StoreValue[][] = [];
  const { promise, resolve, reject } = Promise.withResolvers<Pick<StoreAnswer, 'rows' | 'truncated'>>();
  const query = new pg.Query<StoreValue[]>(config);
  query.on('row', (row) => {
    bytesLeft -= row.length * VALUE_OVERHEAD_BYTES;
    if (rows.length < maxRows && bytesLeft >= 0) {
      rows.push(row);
      return;
    }
    resolve({ rows, truncated: true });
    // the row limit ends by itself
    if (bytesLeft < 0) stop();
  });
  query.on('end', () => resolve({ rows, truncated: false }));
  query.on('error', reject);
  client.query(query);
  return promise;
}
