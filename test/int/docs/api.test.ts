import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { examplesOf, runExamples, shapeOfAnswer } from '../../harness/doc-examples.ts';
import { type IvoryProcess, startIvory } from '../../harness/processes.ts';

let dataDir: string;
let dev: IvoryProcess;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'ivory-api-doc-'));
  dev = await startIvory(['dev', '--data-dir', dataDir, '--port', '0'], {});
});
afterAll(async () => {
  await dev.end();
  await rm(dataDir, { recursive: true, force: true });
});

test('every example of docs/api.md runs, and answers the fields printed below it', {
  timeout: 120_000,
}, async () => {
  const examples = examplesOf('docs/api.md', 'api');
  const answers = await runExamples(examples, { dataDir, url: dev.ready });
  expect(examples.length).toBeGreaterThan(25);
  for (const [n, { script, kind, printed }] of examples.entries()) {
    if (kind === null) continue;
    const [answer, shown] = [answers[n] ?? '', printed].map((text) => shapeOfAnswer(kind, text));
    expect({ script, answer }).toEqual({ script, answer: shown });
  }
});
