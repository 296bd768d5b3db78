import { refused } from './query-text.ts';

/** One step of a plan as EXPLAIN prints it. */
export interface PlanStep {
  /** `Frame forward scan on: trades` */
  line: string;
  /** `filter: tenant='acme'` */
  attributes: string[];
  children: PlanStep[];
}

const INDENT = 4;
/** What may stand in a plan. Steps that are not here are refused, whatever they are: `tables()`, `query_activity()`, `Update table: ..`. */
const STEPS = [
  /^(Frame|Interval) (forward|backward) scan on: .+$/,
  /^Row (forward|backward) scan$/,
  /^(Async index|Index) (forward|backward) scan on: .+$/,
  /^(Table|Cursor)-order scan$/,
  /^(PageFrame|DeferredSingleSymbolFilterPageFrame|SortedSymbolIndex|RecordAsAField|Empty table|Index|Subquery)$/,
  /^(SelectedRecord|VirtualRecord|ExtraNullColumnRecord|CachedWindow|Window|Count|Distinct|DistinctTimeSeries|Hash)$/,
  /^(Sample By|SampleByFirstLast|Fill Range|GroupBy|Filter|Limit|Sort|Sort light|Radix sort light|Encode sort)\b.*$/,
  /^(Async( JIT)? (Filter|Group By|Top K)|Long Top K)\b.*$/,
  /^(Hash|Hash Left|Hash Right|Hash Full)( Outer)? Join( Light)?$/,
  /^Nested Loop (Left|Right|Full) Join$/,
  /^(Cross Join|Splice Join)$/,
  /^(Filtered )?(AsOf|Lt) Join( Light| Fast Scan| Indexed Scan| Memoized Scan)?$/,
  /^(Union|Union All|Except|Except All|Intersect|Intersect All)$/,
  /^(LatestBy|LatestBy light|LatestBy\w+|FilterOn\w+)\b.*$/,
  /^long_sequence\b.*$/,
  /^generate_series start: .*$/,
];

/** Reads the lines of EXPLAIN. A line break within a literal is printed as \n there. Throws InvalidError `foundry.query_failed`. */
export function readPlan(lines: readonly string[]): PlanStep[] {
  const roots: PlanStep[] = [];
  const open: { indent: number; step: PlanStep }[] = [];
  for (const text of lines) {
    const indent = text.length - text.trimStart().length;
    const line = text.trim();
    if (/^[a-z]\w*:( |$)/.test(line) && indent % INDENT === 2) {
      open.findLast((parent) => parent.indent < indent)?.step.attributes.push(line);
      continue;
    }
    if (!STEPS.some((step) => step.test(line)))
      throw refused(`"${line.split(/[\s:(]/)[0]}" is not a scan of a table.`);
    while ((open.at(-1)?.indent ?? -1) >= indent) open.pop();
    const step = { line, attributes: [], children: [] };
    (open.at(-1)?.step.children ?? roots).push(step);
    open.push({ indent, step });
  }
  return roots;
}

/** The table a step reads, if it reads one. */
export function scannedTable({ line }: PlanStep): string | null {
  const found = /^(?:Frame|Interval) (?:forward|backward) scan on: (.+?)(?: \[[a-z-]+\])*$/.exec(line);
  return found?.[1] ?? null;
}
