import { parseArgs } from 'node:util';
import { composeDeps } from '../compose.ts';
import { loadConfig, processEnvironment } from '../config.ts';
import { type Ctx, contextFor } from '../context.ts';
import { isTenantId } from '../domain/tenant.ts';
import { InvalidError } from '../errors.ts';
import { addCatalog } from '../services/catalogs/add.ts';
import { disableCatalog } from '../services/catalogs/disable.ts';
import { listCatalogs } from '../services/catalogs/list.ts';

const OPTIONS = {
  tenant: { type: 'string' },
  name: { type: 'string' },
  namespace: { type: 'string' },
  'data-dir': { type: 'string' },
} as const;

const USAGE = 'ivory catalog add|list|disable --tenant T [--name N] [--namespace NS] [--data-dir D]';

interface Asked {
  name: string | undefined;
  namespace: string | undefined;
}

/** `ivory catalog`: gives tenants catalogs and takes them away. One line a catalog: name, namespace, state. */
export async function main(argv: string[]): Promise<number> {
  const { values, positionals } = parseArgs({ args: argv, options: OPTIONS, allowPositionals: true });
  const { tenant, name, namespace } = values;
  const verb = positionals.length === 1 ? verbOf(positionals[0]) : null;
  if (!verb || !tenant || !isTenantId(tenant)) throw usage();
  const config = loadConfig(processEnvironment(), values['data-dir']);
  const { deps, close } = await composeDeps(config, { role: 'cli' });
  try {
    await verb(contextFor(deps, { tenantId: tenant, actor: 'cli' }), { name, namespace });
    return 0;
  } finally {
    await close();
  }
}

function verbOf(word: string | undefined): ((ctx: Ctx, asked: Asked) => Promise<void>) | null {
  switch (word) {
    case 'add':
      return add;
    case 'list':
      return list;
    case 'disable':
      return disable;
    default:
      return null;
  }
}

async function add(ctx: Ctx, { name, namespace }: Asked): Promise<void> {
  print(await addCatalog(ctx, { catalogName: named(name), namespace }));
}

async function list(ctx: Ctx): Promise<void> {
  for (const catalog of await listCatalogs(ctx)) print(catalog);
}

async function disable(ctx: Ctx, { name }: Asked): Promise<void> {
  await disableCatalog(ctx, { catalogName: named(name) });
  process.stdout.write(`${named(name)}\tdisabled\n`);
}

function print({ catalogName, namespace, active }: Awaited<ReturnType<typeof addCatalog>>): void {
  process.stdout.write(`${catalogName}\t${namespace}\t${active ? 'active' : 'disabled'}\n`);
}

function named(name: string | undefined): string {
  if (!name) throw usage();
  return name;
}

function usage(): InvalidError {
  return new InvalidError('catalog.usage', `usage: ${USAGE}`);
}
