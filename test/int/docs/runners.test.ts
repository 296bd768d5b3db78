import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { examplesOf, runExamples, shapeOfAnswer } from '../../harness/doc-examples.ts';
import { startIvory } from '../../harness/processes.ts';

test('custom: any Singer executable on the allowlist runs, from the API to the lakehouse, with no Python there: the example of docs/runners.md', {
  timeout: 120_000,
}, async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'ivory-runners-doc-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  await runExamples(examplesOf('docs/runners.md', 'allowlist'), { dataDir, url: '' });
  const dev = await startIvory(['dev', '--data-dir', dataDir, '--port', '0'], {
    CUSTOM_TAPS_FILE: join(dataDir, 'custom-taps.json'),
    PYTHON: '/nowhere/python',
  });
  onTestFinished(async () => {
    await dev.end();
  });
  const examples = examplesOf('docs/runners.md', 'custom');
  const answers = await runExamples(examples, { dataDir, url: dev.ready });
  expect(examples.length).toBeGreaterThan(5);
  for (const [n, { script, kind, printed }] of examples.entries()) {
    if (kind === null) continue;
    const [answer, shown] = [answers[n] ?? '', printed].map((text) => shapeOfAnswer(kind, text));
    expect({ script, answer }).toEqual({ script, answer: shown });
  }
});
