import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { workFolderCheck } from '../../../src/services/health/work-folder-check.ts';

const folder = mkdtempSync(join(tmpdir(), 'ivory-left-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** More than any process id there can be. */
const GONE = 2 ** 22 + 1;

test('what a killed process left of its look at the work folder is removed by the next, a living one’s is not', async () => {
  for (const name of [`ivory-ready-${GONE}`, `ivory-ready-${process.ppid}`, 'ivory-ready-note']) {
    writeFileSync(join(folder, name), 'ready');
  }
  await workFolderCheck({ folder, freeBytes: async () => 2 ** 40 }).ask(new AbortController().signal);
  expect(readdirSync(folder).sort()).toEqual([`ivory-ready-${process.ppid}`, 'ivory-ready-note']);
});
