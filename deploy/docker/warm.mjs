// Loads what the processes of an image are made of, while it is built: what is compiled here is kept in it, and no start compiles it again.
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

enableCompileCache(fileURLToPath(new URL('../../node_modules/.cache/ivory', import.meta.url)));
const { prepareImports } = await import('../../src/cli/prepare-imports.ts');
prepareImports();

const LOADED = [
  'cli.ts',
  'cli/api.ts',
  'cli/api/start.ts',
  'cli/migrate.ts',
  'cli/worker.ts',
  'cli/worker/start.ts',
  'api/serve.ts',
  'adapters/lakehouse/spark/spark.ts',
  'adapters/llm/openai.ts',
];
// cli.ts is the one that does something when it is loaded: with no command it says which there are.
process.argv.splice(2);
for (const path of LOADED) await import(`../../src/${path}`);
process.exitCode = 0;
