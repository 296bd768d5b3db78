import { guardFor } from '../src/foundry/guard/guard-for.ts';
import { parserOf } from './foundry-guard/parsers.ts';
import { type GuardedQuery, QUERIES } from './foundry-guard/queries.ts';
import {
  alternate,
  type BenchOptions,
  BrokenBenchmark,
  median,
  type Outcome,
  rounded,
} from './shared/outcome.ts';

const CALLS = 60;
const WARM_UP = 20;
const AIM = 3;

/** The guard of a query of about 2 KB against its parser alone, by the seconds of processor each takes. */
export async function run({ rounds, say }: BenchOptions): Promise<Outcome> {
  const sides: Outcome['sides'] = {};
  const ratios: number[] = [];
  for (const guarded of QUERIES) {
    const { guard, parser } = await sidesOf(guarded);
    for (let i = 0; i < WARM_UP; i++) {
      await guard();
      await parser();
    }
    const measured = await alternate<'guard' | 'parser', number>(rounds ?? 7, {
      guard: () => millisecondsOf(guard),
      parser: () => millisecondsOf(parser),
    });
    const [guardMs, parserMs] = [median(measured.guard), median(measured.parser)];
    ratios.push(guardMs / parserMs);
    sides[guarded.dialect] = {
      query_characters: guarded.query.length,
      guard_ms: rounded(guardMs, 3),
      parser_ms: rounded(parserMs, 3),
      ratio: rounded(guardMs / parserMs),
    };
    say(`${guarded.dialect}: ${rounded(guardMs / parserMs)}x of its parser`);
  }
  const ratio = rounded(Math.max(...ratios));
  return {
    name: 'foundry-guard',
    aim: `at most ${AIM}x of the parser alone`,
    ratio,
    ok: ratio <= AIM,
    sides,
    notes: [
      `milliseconds of processor of one call, of ${CALLS} in a row, of all threads; the ratio below is the highest`,
      'guard: checks before parsing, parsing, every check, printing, and for Spark and QuestDB parsing and checking what was printed',
      'Cypher is left out: its guard reads and prints in one pass, so there is no parser beside it',
    ],
  };
}

async function sidesOf({ dialect, query, tables }: GuardedQuery) {
  const guard = guardFor(dialect);
  const parse = await parserOf(dialect);
  if (parse === null) throw new BrokenBenchmark(`${dialect} has no parser of its own`);
  const request = { tenantId: 'acme', query, tables, maxRows: 1_000 };
  const verdict = await guard(request);
  if (!verdict.allowed) throw new BrokenBenchmark(`${dialect}: refused: ${verdict.reason}`);
  return { guard: () => guard(request), parser: async () => parse(query) };
}

async function millisecondsOf(call: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  for (let i = 0; i < CALLS; i++) await call();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000 / CALLS;
}
