import type { Understanding } from '../read/read.ts';
import { QUESTDB } from './dialects.ts';
import { type Printed, placesOf, printSql } from './sql.ts';

const STEPS = { hour: '1h', day: '1d', week: '1w', month: '1M', quarter: '3M', year: '1y' } as const;

/** QuestDB's SQL: stretches of its own time column are SAMPLE BY. */
export function printQuestdb(understanding: Understanding): Printed {
  const { draft, scope } = understanding;
  if (
    draft.latest &&
    placesOf(draft, scope.root).length === 1 &&
    draft.latest.time.column.name === scope.root.table.timeColumn
  ) {
    if (!draft.latest.isFirst) return printLatestOn(understanding, draft.latest);
  }
  const printed = printSql(understanding, QUESTDB);
  const [bucket] = draft.groups.filter((group) => group.kind === 'bucket');
  const isOwn = bucket?.kind === 'bucket' && bucket.entry.column.name === scope.root.table.timeColumn;
  if ('problem' in printed || !isOwn || bucket.unit === 'year' || placesOf(draft, scope.root).length > 1)
    return printed;
  if (draft.measures.length === 0 || draft.having.length > 0 || draft.countGroups) return printed;
  const time = QUESTDB.name(bucket.entry.column.name);
  const floor = QUESTDB.bucket(bucket.unit, time);
  const query = printed.query
    .replace(floor, time)
    .replace(/ GROUP BY .*?(?= ORDER BY| LIMIT|$)/, ` SAMPLE BY ${STEPS[bucket.unit]} ALIGN TO CALENDAR`);
  return { query };
}

/** The last row of each value, by the store's own clause. */
function printLatestOn(
  { draft, scope }: Pick<Understanding, 'draft' | 'scope'>,
  latest: NonNullable<Understanding['draft']['latest']>,
): Printed {
  const plain = printSql({ scope, draft: { ...draft, latest: null, limit: null } }, QUESTDB);
  if ('problem' in plain) return plain;
  const on = `LATEST ON ${QUESTDB.name(latest.time.column.name)} PARTITION BY ${QUESTDB.name(latest.per.column.name)}`;
  const key = QUESTDB.name(latest.per.column.name);
  return {
    query: `${plain.query.replace(/ LIMIT \d+$/, '')} ${on} ORDER BY ${key}${draft.limit === null ? '' : ` LIMIT ${draft.limit}`}`,
  };
}
