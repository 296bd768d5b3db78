import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readCanonicalSchemas } from '../../../src/services/mappings/canonical-schemas.ts';
import { createExpressionEngine } from '../../../src/transform/expression/engine.ts';
import { startIvory } from '../../harness/processes.ts';
import { type ApiFixture, CONNECTORS, createApiFixture, SECRET } from '../api/fixture.ts';
import { workOff } from './fixture.ts';

let root: string;
let api: ApiFixture;
const expressions = createExpressionEngine();
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'ivory-canonical-'));
  const folder = await folderOf({ 'dm.json': OWN_DM, 'esg.json': ESG });
  api = await createApiFixture({}, () => ({ expressions, canonicalSchemas: readCanonicalSchemas(folder) }));
  workOff(api.deps);
});
afterAll(async () => {
  await api.close();
  await expressions.close();
  await rm(root, { recursive: true, force: true });
});

const column = (name: string, type = 'string') => ({ name, type, description: `The ${name}` });
const schema = (name: string, tables: Record<string, unknown[]>) => ({
  schema: name,
  description: 'Ours',
  tables: Object.fromEntries(
    Object.entries(tables).map(([table, columns]) => [table, { description: 'Ours', columns }]),
  ),
});
const OWN_DM = schema('dm', {
  deals: [{ ...column('deal_key'), key: true, aliases: ['Id'] }, column('headline')],
  pledges: [column('pledge_id')],
});
const ESG = schema('esg', { scores: [column('issuer'), column('score', 'double')] });

let folders = 0;

async function folderOf(files: Record<string, unknown>): Promise<string> {
  folders += 1;
  const folder = join(root, String(folders));
  await mkdir(folder);
  for (const [name, content] of Object.entries(files))
    await writeFile(
      join(folder, name),
      typeof content === 'string' ? content : JSON.stringify(content, null, 2),
    );
  return folder;
}

describe("the operator's schemas", () => {
  test('are over those that come along, table by table, and beside them', () => {
    const { canonicalSchemas } = api.deps;
    expect([...canonicalSchemas.keys()]).toEqual(['dm', 'md', 'ci', 'pm', 'esg']);
    expect(canonicalSchemas.get('dm')?.tables['deals']?.columns.map(({ name }) => name)).toEqual([
      'deal_key',
      'headline',
    ]);
    const builtIn = Object.keys(readCanonicalSchemas().get('dm')?.tables ?? {});
    expect(Object.keys(canonicalSchemas.get('dm')?.tables ?? {})).toEqual([...builtIn, 'pledges']);
  });

  test.each([
    ['dm', 'deals', { Id: 'string', Headline: 'string' }, ['deal_key', 'headline']],
    ['dm', 'pledges', { PledgeId: 'string' }, ['pledge_id']],
    ['esg', 'scores', { Issuer: 'string', Score: 'number' }, ['issuer', 'score']],
  ])('%s.%s is mapped to', async (target_schema, target_table, source_schema, columns) => {
    const { id } = await api.create();
    const body = { source_stream: 's', source_schema, target_schema, target_table };
    const answer = await api.call('POST', `${CONNECTORS}/${id}/map-fields`, { body });
    expect(answer.status).toBe(201);
    const mappings: { id: string; target_schema: string; target_column: string }[] = answer.body.mappings;
    expect(mappings.map((each) => [each.target_schema, each.target_column])).toEqual(
      columns.map((name) => [target_schema, name]),
    );
    const put = await api.call('PUT', `${CONNECTORS}/${id}/mappings/${mappings[0]?.id}`, {
      body: { target_column: 'no_such_column' },
    });
    expect([put.status, put.body.code]).toEqual([422, 'mapping.column_unknown']);
  });

  test('that are not there are refused by name, and so are their tables', async () => {
    const { id } = await api.create();
    const ask = async (target_schema: string, target_table: string) => {
      const body = { source_stream: 's', source_schema: { Id: 'string' }, target_schema, target_table };
      const answer = await api.call('POST', `${CONNECTORS}/${id}/map-fields`, { body });
      return [answer.status, answer.body.code, answer.body.errors];
    };
    expect(await ask('xx', 'deals')).toEqual([
      422,
      'request.invalid',
      [{ field: 'target_schema', message: 'must be one of dm, md, ci, pm, esg, custom' }],
    ]);
    expect(await ask('esg', 'deals')).toEqual([
      422,
      'mapping.target_unknown',
      [{ field: 'target_table', message: 'must be one of scores' }],
    ]);
  });

  test('are listed with those that come along, to every tenant', async () => {
    const { status, body } = await api.call('GET', '/v1/admin/canonical-schemas', {
      tenant: 'rival',
      scope: 'read',
    });
    expect([status, body.count]).toEqual([200, 5]);
    expect(body.schemas.at(-1)).toEqual({
      schema: 'esg',
      description: 'Ours',
      tables: [
        {
          table: 'scores',
          description: 'Ours',
          columns: [
            { name: 'issuer', type: 'string', description: 'The issuer', is_key: false, aliases: [] },
            { name: 'score', type: 'double', description: 'The score', is_key: false, aliases: [] },
          ],
        },
      ],
    });
    expect(body.schemas[0].tables[0].columns[0]).toMatchObject({ is_key: true, aliases: ['Id'] });
  });
});

describe('a folder with faults', () => {
  test('is refused with every fault of every file and its line', async () => {
    const folder = await folderOf({
      'dm.json': '{\n  "schema": "dm",\n  "description": "d",,\n}',
      'esg.json': schema('esg', { scores: [column('a', 'money'), column('a')] }),
      'custom.json': '{}',
      'My Schema.json': '{}',
      'other.json': schema('ci', { companies: [column('a')] }),
      'notes.txt': 'not a schema',
    });
    const faults = messageOf(() => readCanonicalSchemas(folder)).split('\n');
    expect(faults).toEqual([
      expect.stringMatching(/My Schema\.json:1: the file must be named for its schema/),
      expect.stringMatching(/custom\.json:1: "custom" is what/),
      expect.stringMatching(/dm\.json:3: this is no JSON: /),
      expect.stringMatching(/esg\.json:10: tables\.scores\.columns\.0\.type: is no column type$/),
      expect.stringMatching(/other\.json:2: schema: must be "other"$/),
    ]);
  });

  test('that is not there is refused by name', () => {
    const folder = join(root, 'none');
    expect(messageOf(() => readCanonicalSchemas(folder))).toContain(
      `${folder}: CANONICAL_SCHEMAS_DIR cannot be read`,
    );
  });

  test.each([['api'], ['worker mapping'], ['dev --port 0 --data-dir .']])(
    'keeps %s from starting',
    async (command) => {
      const folder = await folderOf({
        'dm.json': '{\n  "schema": "dm",\n  "description": 7,\n  "tables": {}\n}',
      });
      const args = command.split(' ').map((word) => (word === '.' ? join(folder, 'data') : word));
      const started = startIvory(args, {
        CANONICAL_SCHEMAS_DIR: folder,
        DATABASE_URL: api.deps.databaseUrl,
        IVORY_MASTER_KEY: Buffer.alloc(32, 1).toString('base64'),
        JWT_SECRET: SECRET,
      });
      await expect(started).rejects.toThrow(
        /ended with 1 .*dm\.json:3: description: [^\n]*\n[^\n]*dm\.json:4: tables: must hold at least one table \(canonical\.invalid\)/s,
      );
    },
  );
});

function messageOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  throw new Error('nothing was refused');
}
