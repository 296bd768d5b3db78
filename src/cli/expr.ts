import { createInterface } from 'node:readline';
import { InvalidError, messageOf } from '../errors.ts';
import type { ExpressionEngine, ExpressionResult, PyValue } from '../ports/expressions.ts';
import { createExpressionEngine } from '../transform/expression/engine.ts';
import { parsePyJson, printPyJson } from '../transform/py-json.ts';

const BATCH_LINES = 8192;
const BATCH_CHARACTERS = 4_000_000;

/**
 * `ivory expr --fn E < values.jsonl`: one JSON value a line in, one line out, {"ok":true,"value":..} or {"ok":false,"error":".."}.
 * Exit 2 and the reason on stderr when E is refused or not given. NaN and Infinity are written as Python's json writes them, both ways.
 */
export async function main(argv: string[]): Promise<number> {
  const expression = expressionOf(argv);
  if (expression === null) {
    process.stderr.write('usage: ivory expr --fn EXPRESSION < values.jsonl\n');
    return 2;
  }
  const engine = createExpressionEngine();
  try {
    engine.check(expression);
    await answerLines(engine, expression, process.stdin, process.stdout);
    return 0;
  } catch (error) {
    if (!(error instanceof InvalidError) || !error.code.startsWith('expression.')) throw error;
    process.stderr.write(`ivory expr: ${error.message} (${error.code})\n`);
    return 2;
  } finally {
    await engine.close();
  }
}

/** `--fn E` or `--fn=E`; E may begin with a minus, which parseArgs takes for another option. */
function expressionOf(argv: readonly string[]): string | null {
  const [first, second] = argv;
  if (argv.length === 2 && first === '--fn' && second !== undefined) return second;
  return argv.length === 1 && first?.startsWith('--fn=') ? first.slice('--fn='.length) : null;
}

/** Memory holds one batch: reading waits for the answers, and the answers for their reader. */
async function answerLines(
  engine: ExpressionEngine,
  expression: string,
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
): Promise<void> {
  let lines: string[] = [];
  let characters = 0;
  const flush = async () => {
    const text = await answerBatch(engine, expression, lines);
    lines = [];
    characters = 0;
    if (text !== '' && !output.write(text)) await new Promise((resolve) => output.once('drain', resolve));
  };
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.trim() === '') continue;
    lines.push(line);
    characters += line.length;
    if (lines.length >= BATCH_LINES || characters >= BATCH_CHARACTERS) await flush();
  }
  await flush();
}

async function answerBatch(engine: ExpressionEngine, expression: string, lines: string[]): Promise<string> {
  const inputs = lines.map(readLine);
  const results = await engine.evaluate(
    expression,
    inputs.map((given) => (given.ok ? given.value : null)),
  );
  return results
    .map((result, i) => `${printResult(inputs[i]?.ok === false ? inputs[i] : result)}\n`)
    .join('');
}

function readLine(line: string): { ok: true; value: PyValue } | { ok: false; error: string } {
  try {
    return { ok: true, value: parsePyJson(line) };
  } catch (error) {
    return { ok: false, error: `JSONDecodeError: ${messageOf(error)}` };
  }
}

function printResult(result: ExpressionResult): string {
  return result.ok
    ? `{"ok":true,"value":${printPyJson(result.value)}}`
    : `{"ok":false,"error":${JSON.stringify(result.error)}}`;
}
