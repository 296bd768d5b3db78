import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { examplesOf, runExamples, shapeOfAnswer } from '../harness/doc-examples.ts';
import { engines } from '../harness/engines.ts';
import { startIvory } from '../harness/processes.ts';

test.skipIf(!engines.hasPlugins())(
  'every example of docs/runners/airbyte.md runs and answers as printed',
  async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'ivory-airbyte-doc-'));
    onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
    const dev = await startIvory(['dev', '--data-dir', dataDir, '--port', '0'], {
      PLUGINS_DIR: engines.pluginsFolder,
      PYTHON: process.env['PYTHON'] ?? 'python3',
    });
    onTestFinished(async () => {
      await dev.end();
    });
    const examples = examplesOf('docs/runners/airbyte.md', 'faker');
    const answers = await runExamples(examples, { dataDir, url: dev.ready });
    expect(examples.length).toBeGreaterThan(4);
    for (const [n, { script, kind, printed }] of examples.entries()) {
      if (kind === null) continue;
      const [answer, shown] = [answers[n] ?? '', printed].map((text) => shapeOfAnswer(kind, text));
      expect({ script, answer }).toEqual({ script, answer: shown });
    }
  },
);
