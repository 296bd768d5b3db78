import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A script of a document, and the answer printed below it. */
export interface Example {
  script: string;
  kind: 'json' | 'text' | null;
  printed: string;
}

/** The examples of a document (its path in the repository) whose scripts are fenced as "sh <tag>". */
export function examplesOf(path: string, tag: string): Example[] {
  const block = new RegExp(`\`\`\`sh ${tag}\n(.*?)\`\`\`\n(?:\`\`\`(json|text)\n(.*?)\`\`\`\n)?`, 'gs');
  return [...readFileSync(join(ROOT, path), 'utf8').matchAll(block)].map(
    ([, script = '', kind, printed]) => ({
      script,
      kind: kind === 'json' || kind === 'text' ? kind : null,
      printed: printed ?? '',
    }),
  );
}

const MARK = '@@@ next example @@@';
const TIMEOUT_MS = 110_000;

/**
 * What each script prints, run one after the other in one shell in the repository's folder. In a document `.ivory` is the data folder and
 * port 8080 serves.
 */
export async function runExamples(
  examples: readonly Example[],
  { dataDir, url }: { dataDir: string; url: string },
): Promise<string[]> {
  const script = examples
    .map((example) => `${example.script}\nprintf '\\n${MARK}\\n'`)
    .join('\n')
    .replaceAll('http://127.0.0.1:8080', url)
    .replaceAll('.ivory', dataDir);
  const env = { PATH: `${dirname(process.execPath)}:${process.env['PATH']}`, HOME: dataDir };
  const running = promisify(execFile)('bash', ['-euc', script], { cwd: ROOT, env, timeout: TIMEOUT_MS });
  return (await running).stdout.split(`\n${MARK}\n`);
}

/** What must be the same in an answer and in the document. */
export function shapeOfAnswer(kind: 'json' | 'text', text: string): unknown {
  return kind === 'json' ? shapeOf(JSON.parse(text)) : withoutTimes(text);
}

/** The fields of an answer; of a list, those of its first item. A problem also keeps its code. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(shapeOf);
  if (typeof value !== 'object' || value === null) return value === null ? null : typeof value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, key === 'code' || key === 'status' ? one : shapeOf(one)]),
  );
}

/** A tap's own lines are its own affair; how long a machine takes, and what it says while it does, is the machine's. */
function withoutTimes(text: string): string {
  const soFar = /^(event: log\ndata: )?\[ivory [^\n]* so far, [^\n]*\n(id: \d+\n\n)?/gm;
  const lines = text.trim().replaceAll(soFar, '').split('\n');
  return lines
    .filter((line) => !/^(data: )?tap-files:/.test(line))
    .join('\n')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:]+Z/g, 'TIME')
    .replaceAll(/ \([\d.]+ .?B\) in /g, ' (SIZE) in ')
    .replaceAll(/ in \d+ s, [\d,]+ rows\/s/g, ' in TIME')
    .replaceAll(/^id: \d+$/gm, 'id: LINE')
    .replaceAll(/"(bytes|rows_per_s)":\d+/g, '"$1":0');
}
