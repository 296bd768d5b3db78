import { InvalidError } from '../../errors.ts';

const ROOTS = /^(select|with|declare)\b/i;
/** Functions that do something or tell of the server, and that no plan shows. */
const EFFECTS =
  /\b(flush_query_cache|hydrate_table_metadata|simulate_crash|simulate_warnings|dump_memory_usage|dump_thread_stacks|reload_config|cancel_query|wait_wal_table|pg_advisory_unlock_all|memory_metrics|current_setting|touch|build)\b["`']?\s*\(/i;

export interface QueryText {
  /** Without a last ";". */
  text: string;
  /** The same, as long, with every literal and quoted name blanked out. */
  bare: string;
  /** What stands between quotes of any kind. */
  quoted: string[];
}

/**
 * One statement that reads, by its text alone. QuestDB runs several statements sent as one, and nests comments: neither is let through, so
 * that what EXPLAIN was asked about is all that runs. Throws InvalidError `foundry.query_failed`.
 */
export function readQueryText(query: string): QueryText {
  const text = query.trim().replace(/\s*;$/, '');
  const { bare, quoted } = blanked(text);
  if (bare.includes(';')) throw refused('It holds more than one statement.');
  if (/--|\/\*|\*\//.test(bare)) throw refused('It holds a comment.');
  if (!ROOTS.test(bare)) throw refused('It does not begin with SELECT, WITH or DECLARE.');
  const effect = EFFECTS.exec(text)?.[1];
  if (effect) throw refused(`The function ${effect} is not for queries.`);
  return { text, bare, quoted };
}

export function refused(reason: string): InvalidError {
  return new InvalidError('foundry.query_failed', `The query is refused. ${reason}`);
}

/** A quote ends at the next of its kind: QuestDB knows no escapes, and '' is one literal after another. */
function blanked(text: string): { bare: string; quoted: string[] } {
  const quoted: string[] = [];
  const bare = text.replaceAll(/'[^']*'|"[^"]*"|`[^`]*`/g, (found) => {
    quoted.push(found.slice(1, -1));
    return `${found[0]}${' '.repeat(found.length - 2)}${found[0]}`;
  });
  return { bare, quoted };
}

/**
 * Selects in parentheses that are compared with: `ts > (SELECT ..)`. The server runs these while it makes the plan, which shows of them only
 * what came out. Each is answered with what stands before the main SELECT, whose tables it may name.
 */
export function comparedSelects({ text, bare }: QueryText): { select: string; preamble: string }[] {
  const preamble = /^select\b/i.test(bare) ? '' : text.slice(0, mainSelect(bare));
  return [...bare.matchAll(/\(\s*(?=(select|with|declare)\b)/gi)].flatMap(({ index }) => {
    const before = bare.slice(0, index).replace(/[\s(]+$/, '');
    if (/\b(from|join|in|as|union|all|except|intersect|distinct|asof|lt|splice|cross)$/i.test(before))
      return [];
    if (/\bfrom\b[^()]*,$/i.test(before)) return [];
    return [{ select: text.slice(index + 1, closing(bare, index)).trim(), preamble }];
  });
}

function mainSelect(bare: string): number {
  let depth = 0;
  for (const { 0: token, index } of bare.matchAll(/[()]|\bselect\b/gi)) {
    if (token === '(') depth += 1;
    else if (token === ')') depth -= 1;
    else if (depth === 0) return index;
  }
  return 0;
}

function closing(bare: string, open: number): number {
  let depth = 0;
  for (let n = open; n < bare.length; n++) {
    if (bare[n] === '(') depth += 1;
    if (bare[n] === ')') depth -= 1;
    if (depth === 0) return n;
  }
  return bare.length;
}
