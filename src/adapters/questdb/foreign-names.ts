import { refused } from './query-text.ts';

/** The server's own tables: they tell of every query and every import. */
const SYSTEM =
  /(^|[^\w$.])(sys\.\w+|_query_trace|telemetry(_config)?|telemetry_wal|pg_catalog|information_schema)(?![\w$])/;

/**
 * Refuses a query in whose text the name of a table stands that is not the tenant's, quoted or not, wherever it stands. QuestDB knows no
 * escapes in names, so that a table can only be named as it is called. A column of the tenant's may be called as another's table is:
 * such a name is then judged by the plan alone.
 */
export function refuseForeignNames(
  query: string,
  { foreign, columns }: { foreign: readonly string[]; columns: ReadonlySet<string> },
): void {
  const text = folded(query);
  if (SYSTEM.test(text)) throw refused('It names tables of the server itself.');
  for (const name of foreign) {
    const wanted = folded(name);
    if (!text.includes(wanted)) continue;
    if (columns.has(wanted) && !isRelation(text, wanted)) continue;
    if (stands(text, wanted)) throw refused('It names a table that is not among yours.');
  }
}

function stands(text: string, name: string): boolean {
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    const [before = '', after = ''] = [text[at - 1], text[at + name.length]];
    if (!/[\w$]/.test(before) && !/[\w$]/.test(after)) return true;
  }
  return false;
}

function isRelation(text: string, name: string): boolean {
  const literal = name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`\\b(from|join|table|public\\.)[\\s("'\`]*${literal}(?![\\w$])`).test(text);
}

/** As the server compares names: letter by letter, some of other alphabets being taken for ours. */
function folded(text: string): string {
  return text.toLowerCase().replaceAll('\u0131', 'i').replaceAll('i\u0307', 'i').replaceAll('\u017f', 's');
}
