import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import type { FieldProfiles } from '../domain/mapping.ts';
import { AppError, InvalidError, messageOf } from '../errors.ts';
import { rankFields } from '../matching/rank.ts';

const USAGE = 'usage: ivory match --source s.json --target t.json [--top 20]';

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? undefined);
const Field = z
  .object({
    type: text,
    description: text,
    samples: z
      .array(z.unknown())
      .nullish()
      .transform((value) => value ?? undefined),
  })
  .nullish()
  .transform((value) => value ?? {});
const SchemaFile = z.object({
  // A record would drop a field called "__proto__".
  fields: z.preprocess(
    (value) => (isObject(value) ? new Map(Object.entries(value)) : value),
    z.map(z.string(), Field, { error: 'must be an object of fields' }),
  ),
});

/** `ivory match`: ranks the target's columns for every source field; one JSON object on stdout. Exit 2 when an input is malformed. */
export async function main(argv: string[]): Promise<number> {
  try {
    const { source, target, top } = readArguments(argv);
    const [sourceFields, targetFields] = await Promise.all([readSchema(source), readSchema(target)]);
    process.stdout.write(`${JSON.stringify(rankFields(sourceFields, targetFields, { top }))}\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    process.stderr.write(`ivory match: ${messageOf(error)}\n`);
    return 2;
  }
}

function readArguments(argv: string[]): { source: string; target: string; top: number } {
  const { source, target, top } = parsed(argv);
  if (source === undefined || target === undefined) throw new InvalidError('match.usage', USAGE);
  if (!/^[1-9]\d{0,14}$/.test(top))
    throw new InvalidError('match.usage', `--top must be a positive number. ${USAGE}`);
  return { source, target, top: Number(top) };
}

function parsed(argv: string[]) {
  try {
    return parseArgs({
      args: argv,
      options: {
        source: { type: 'string' },
        target: { type: 'string' },
        top: { type: 'string', default: '20' },
      },
    }).values;
  } catch (cause) {
    throw new InvalidError('match.usage', `${messageOf(cause)}. ${USAGE}`, { cause });
  }
}

async function readSchema(path: string): Promise<FieldProfiles> {
  const checked = SchemaFile.safeParse(await readJson(path));
  if (checked.success) return Object.fromEntries(checked.data.fields);
  const [first] = checked.error.issues;
  throw new InvalidError(
    'match.schema_invalid',
    `${path}: ${first?.path.join('.') || 'the document'}: ${first?.message}`,
  );
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

async function readJson(path: string): Promise<unknown> {
  const content = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new InvalidError('match.unreadable', `${path}: ${messageOf(cause)}`, { cause });
  });
  try {
    return JSON.parse(content.replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw new InvalidError('match.schema_invalid', `${path}: this is no JSON: ${messageOf(cause)}`, {
      cause,
    });
  }
}
