/** What a part of src/ may import: every other import between parts of src/ is a violation. */
export interface Layer {
  name: string;
  /** Regular expression on the importing file, from the project's root. */
  from: string;
  /** What it may import of src/: folders end in a slash. Its own folder is always allowed. */
  may: readonly string[];
}

const BASE = ['domain/', 'errors.ts'];
const CONTEXT = [...BASE, 'context.ts', 'log.ts', 'ports/'];
const QUEUE_INTERFACE = ['queues/producer.ts', 'queues/ports.ts', 'queues/catalog.ts'];
const COMPUTATIONS = ['transform/', 'matching/', 'foundry/'];

/**
 * cli -> compose -> adapters -> ports -> domain
 * api | workers -> services -> db/queries -> db/schema; services -> queue interface, ports, domain, computations
 */
export const LAYERS: readonly Layer[] = [
  { name: 'errors', from: '^src/errors\\.ts$', may: [] },
  { name: 'domain', from: '^src/domain/', may: BASE },
  { name: 'ports', from: '^src/ports/', may: BASE },
  { name: 'environment', from: '^src/environment\\.ts$', may: [] },
  { name: 'settings', from: '^src/settings/', may: ['environment.ts', ...BASE] },
  { name: 'config', from: '^src/config\\.ts$', may: ['environment.ts', 'settings/', ...BASE] },
  { name: 'log', from: '^src/log(\\.ts$|/)', may: ['log/', ...BASE] },
  { name: 'context', from: '^src/context\\.ts$', may: [...CONTEXT, ...QUEUE_INTERFACE, 'db/client.ts'] },
  {
    name: 'service-settings',
    from: '^src/service-settings\\.ts$',
    may: ['config.ts', 'context.ts', 'services/llm/prices.ts', ...BASE],
  },
  { name: 'db-schema', from: '^src/db/schema/', may: ['db/schema/', ...BASE] },
  { name: 'db', from: '^src/db/(?!schema/)', may: ['db/', 'queues/catalog.ts', ...BASE] },
  { name: 'transform', from: '^src/transform/', may: ['ports/', ...BASE] },
  { name: 'matching', from: '^src/matching/', may: ['ports/', ...BASE] },
  { name: 'foundry', from: '^src/foundry/', may: ['matching/', 'ports/', ...BASE] },
  {
    name: 'singer',
    from: '^src/singer/',
    may: ['db/client.ts', 'db/copy-in.ts', 'ports/', 'log.ts', ...BASE],
  },
  { name: 'embedded', from: '^src/embedded/', may: ['log.ts', 'config.ts', 'db/migrate.ts', ...BASE] },
  { name: 'queues', from: '^src/queues/', may: CONTEXT },
  {
    name: 'services',
    from: '^src/services/',
    may: ['db/queries/', 'db/client.ts', ...QUEUE_INTERFACE, ...COMPUTATIONS, ...CONTEXT],
  },
  { name: 'api', from: '^src/api/', may: ['services/', 'queues/', ...CONTEXT] },
  { name: 'ops', from: '^src/ops/', may: ['services/health/', ...CONTEXT] },
  { name: 'workers', from: '^src/workers/', may: ['services/', 'queues/', ...CONTEXT] },
  {
    name: 'adapters',
    from: '^src/adapters/',
    may: ['singer/', 'transform/', 'foundry/', 'db/client.ts', 'db/copy-in.ts', 'log.ts', 'ports/', ...BASE],
  },
];
