import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import {
  type CatalogSource,
  type Dialect,
  FOUNDRY_TARGETS,
  type FoundryTarget,
} from '../domain/foundry/catalog.ts';
import type { GuardVerdict } from '../domain/foundry/guard.ts';
import { isTenantId } from '../domain/tenant.ts';
import { AppError, InvalidError, messageOf } from '../errors.ts';
import { parseCatalogJson } from '../foundry/catalog-json.ts';
import { guardFor } from '../foundry/guard/guard-for.ts';

const USAGE = `usage: ivory guard --target ${FOUNDRY_TARGETS.join('|')} --tenant T --catalog c.json < query`;
const OPTIONS = {
  target: { type: 'string' },
  tenant: { type: 'string' },
  catalog: { type: 'string' },
} as const;
const SPOKEN: Record<FoundryTarget, readonly Dialect[]> = {
  iomete: ['spark', 'postgres'],
  questdb: ['questdb'],
  falkordb: ['cypher'],
  postgres: ['postgres'],
};
const MAX_ROWS = 1_000;
/** What is kept of a query: more than a guard reads, so that it is the guard who refuses what is longer. */
const KEPT_BYTES = 200_000;
/** A writer is heard to its end, so that none dies of a closed pipe; but not for ever. */
const HEARD_BYTES = 256_000_000;

/**
 * `ivory guard`: judges one query (stdin) for a tenant; one JSON object on stdout. Exit 0 for a verdict either way, 2 when an argument or the
 * catalog is malformed.
 */
export async function main(argv: string[]): Promise<number> {
  try {
    const { target, tenantId, catalogPath } = readArguments(argv);
    const { dialect, tables } = sourceOf(target, parseCatalogJson(await readJson(catalogPath)), catalogPath);
    const query = await readText(process.stdin);
    const verdict =
      query === null ? NO_TEXT : await guardFor(dialect)({ tenantId, query, tables, maxRows: MAX_ROWS });
    process.stdout.write(`${JSON.stringify(shown(verdict))}\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    process.stderr.write(`ivory guard: ${messageOf(error)} (${error.code})\n`);
    return 2;
  }
}

const NO_TEXT: GuardVerdict = {
  allowed: false,
  code: 'guard.unparsable',
  reason: 'The query is no UTF-8 text.',
};

function shown(verdict: GuardVerdict) {
  return verdict.allowed ? { allowed: true, query: verdict.query } : verdict;
}

function readArguments(argv: string[]): { target: FoundryTarget; tenantId: string; catalogPath: string } {
  const { target, tenant, catalog } = parsed(argv);
  const known = FOUNDRY_TARGETS.find((name) => name === target);
  if (target === undefined || tenant === undefined || catalog === undefined)
    throw new InvalidError('guard.usage', USAGE);
  if (known === undefined)
    throw new InvalidError('guard.usage', `--target is one of ${FOUNDRY_TARGETS.join(', ')}. ${USAGE}`);
  if (!isTenantId(tenant))
    throw new InvalidError('guard.usage', `--tenant is made of letters, digits and . _ @ | -. ${USAGE}`);
  return { target: known, tenantId: tenant, catalogPath: catalog };
}

function parsed(argv: string[]) {
  try {
    return parseArgs({ args: argv, options: OPTIONS }).values;
  } catch (cause) {
    throw new InvalidError('guard.usage', `${messageOf(cause)}. ${USAGE}`, { cause });
  }
}

async function readJson(path: string): Promise<unknown> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new InvalidError('catalog.unreadable', `${path}: ${messageOf(cause)}`, { cause });
  });
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new InvalidError('catalog.invalid', `${path}: this is no JSON: ${messageOf(cause)}`, { cause });
  }
}

function sourceOf(
  target: FoundryTarget,
  { sources }: { sources: CatalogSource[] },
  path: string,
): CatalogSource {
  const [source, ...others] = sources.filter((candidate) => candidate.target === target);
  if (!source || others.length > 0)
    throw new InvalidError(
      'catalog.invalid',
      `${path}: a catalog holds each source once; it holds ${source ? others.length + 1 : 'none'} of ${target}.`,
    );
  if (!SPOKEN[target].includes(source.dialect))
    throw new InvalidError('catalog.invalid', `${path}: ${target} does not speak ${source.dialect}.`);
  return source;
}

/** null: no UTF-8. */
async function readText(input: AsyncIterable<Buffer>): Promise<string | null> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let text = '';
  let size = 0;
  try {
    for await (const chunk of input) {
      if (size < KEPT_BYTES) text += decoder.decode(chunk, { stream: true });
      size += chunk.length;
      if (size > HEARD_BYTES) break;
    }
    return size < KEPT_BYTES ? text + decoder.decode() : text;
  } catch {
    return null;
  }
}
