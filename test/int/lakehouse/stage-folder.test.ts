import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createStage, type Stage, type StageOptions } from '../../../src/adapters/lakehouse/stage/stage.ts';
import type { LakeValue } from '../../../src/domain/lake-type.ts';
import type { LakeColumn } from '../../../src/ports/lakehouse.ts';

const KEY = { tenantId: 'acme', batchId: '2ed6657d-e927-568b-95e1-2665a8aea6a2' };
const COLUMNS: LakeColumn[] = [
  { name: 'Cost Total $', type: { kind: 'long' } },
  { name: 'name', type: { kind: 'string' } },
];
const HOUR_MS = 3_600_000;

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ivory-stage-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function openStage(options?: StageOptions): Stage {
  return createStage(pathToFileURL(folder).href, options);
}

function rowsOf(count: number): LakeValue[][] {
  return Array.from({ length: count }, (_, n) => [BigInt(n), n % 3 === 0 ? null : `name ${n}`]);
}

function pathOf(url: string): string {
  expect(url).toMatch(/^file:\//);
  return url.slice('file:'.length);
}

/** Rows of a file as hyparquet reads them. */
async function read(url: string): Promise<unknown[][]> {
  const file = await asyncBufferFromFile(pathOf(url));
  const rows = await parquetReadObjects({ file, compressors });
  return rows.map((row) => Object.values(row));
}

async function stageRows(stage: Stage, rows: LakeValue[][], columns = COLUMNS, key = KEY) {
  const writer = await stage.open(columns, key);
  await writer.write(rows);
  return { writer, ...(await writer.finish()) };
}

function filesIn(path: string): string[] {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

describe('rows', () => {
  test('come back in order, in files of a bounded number of rows', async () => {
    const writer = await openStage({ limits: { rows: 1000 } }).open(COLUMNS, KEY);
    const all = rowsOf(2500);
    for (let from = 0; from < all.length; from += 700) await writer.write(all.slice(from, from + 700));
    const { urls, rows } = await writer.finish();
    const parts = await Promise.all(urls.map(read));
    expect(rows).toBe(2500);
    expect(parts.map((part) => part.length)).toEqual([1000, 1000, 500]);
    expect(parts.flat()).toEqual(all);
  });

  test('a file ends when it has its bytes', async () => {
    const columns: LakeColumn[] = [{ name: 'noise', type: { kind: 'binary' } }];
    const writer = await openStage({ limits: { sizeBytes: 1024 * 1024 } }).open(columns, KEY);
    const noise = Array.from({ length: 40 }, () => [randomBytes(1024 * 1024)]);
    for (const row of noise) await writer.write([row]);
    const { urls } = await writer.finish();
    expect(urls).toHaveLength(2);
    const metadata = await parquetMetadataAsync(await asyncBufferFromFile(pathOf(urls[0] ?? '')));
    expect(metadata.row_groups.map(({ num_rows }) => num_rows)).toEqual([32n]);
  });

  test('one batch in several row groups and pages is read as one', async () => {
    const all = rowsOf(300_000);
    const { urls } = await stageRows(openStage(), all);
    expect(urls).toHaveLength(1);
    const metadata = await parquetMetadataAsync(await asyncBufferFromFile(pathOf(urls[0] ?? '')));
    expect(metadata.row_groups.map(({ num_rows }) => num_rows)).toEqual([131_072n, 131_072n, 37_856n]);
    const back = await read(urls[0] ?? '');
    expect(back.findIndex((row, n) => row[0] !== all[n]?.[0] || row[1] !== all[n]?.[1])).toBe(-1);
    expect(back).toHaveLength(all.length);
  });

  test('any values and nulls, in any batches, come back', async () => {
    const columns: LakeColumn[] = [
      { name: 'a', type: { kind: 'boolean' } },
      { name: 'b', type: { kind: 'long' } },
      { name: 'c', type: { kind: 'double' } },
      { name: 'd', type: { kind: 'string' } },
    ];
    const text = fc.string({ unit: 'grapheme', maxLength: 80 }).filter((value) => !value.includes('\0'));
    const row = fc.tuple(
      fc.option(fc.boolean()),
      fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
      fc.option(fc.double()),
      fc.option(text),
    );
    const batches = fc.array(fc.array(row, { maxLength: 30 }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(batches, async (parts) => {
        const writer = await openStage().open(columns, KEY);
        for (const part of parts) await writer.write(part);
        const { urls } = await writer.finish();
        expect((await Promise.all(urls.map(read))).flat()).toEqual(parts.flat());
        await writer.discard();
      }),
      { numRuns: 60 },
    );
  });

  test('no rows make no file', async () => {
    const { urls, rows } = await stageRows(openStage(), []);
    expect([urls, rows, readdirSync(folder)]).toEqual([[], 0, []]);
  });

  test.each([
    ['half \ud800 character', 'lakehouse.value_refused'],
    ['nul \0 inside', 'lakehouse.value_refused'],
    [`${'x'.repeat(100)}\0`, 'lakehouse.value_refused'],
    [7, 'lakehouse.refused'],
  ])('the text %j is refused, and nothing is left after discard', async (value, code) => {
    const writer = await openStage().open(COLUMNS, KEY);
    await writer.write(rowsOf(10));
    await expect(writer.write([[1n, value]])).rejects.toMatchObject({ code, retry: 'terminal' });
    await expect(writer.finish()).rejects.toThrow(/broken/);
    await writer.discard();
    expect(readdirSync(folder)).toEqual([]);
  });

  test.each<[LakeColumn['type'], LakeValue[]]>([
    [{ kind: 'boolean' }, ['true', 1n]],
    [{ kind: 'int' }, [2n ** 31n, -(2n ** 31n) - 1n, 1, '1']],
    [{ kind: 'long' }, [2n ** 63n, -(2n ** 63n) - 1n, 1]],
    [{ kind: 'double' }, [1n, '1']],
    [{ kind: 'date' }, ['2023-02-29', '2024-02-29T00:00:00', 'x']],
    [{ kind: 'timestamp' }, ['2024-02-30T00:00:00', 'x']],
    [{ kind: 'timestamptz' }, ['2024-01-01T25:00:00Z', 1n]],
    [{ kind: 'binary' }, ['abc']],
    [{ kind: 'decimal', precision: 9, scale: 2 }, ['10000000.00', '0.001', 'x', '', '1e9', 1]],
    [{ kind: 'decimal', precision: 18, scale: 0 }, ['1000000000000000000', '0.5']],
    [{ kind: 'decimal', precision: 38, scale: 0 }, [`1${'0'.repeat(38)}`, `-1${'0'.repeat(38)}`, 'NaN']],
  ])('what %j cannot hold is refused', async (type, values) => {
    for (const value of values) {
      const writer = await openStage().open([{ name: 'value', type }], KEY);
      await expect(writer.write([[value]]), String(value)).rejects.toMatchObject({
        code: 'lakehouse.refused',
      });
      await writer.discard();
    }
  });
});

describe('discard', () => {
  test('removes every file, before finish, after it, and again', async () => {
    const stage = openStage({ limits: { rows: 1000 } });
    const half = await stage.open(COLUMNS, KEY);
    await half.write(rowsOf(2500));
    const whole = await stageRows(stage, rowsOf(2500));
    expect(whole.urls.every((url) => existsSync(pathOf(url)))).toBe(true);
    for (const writer of [half, whole.writer, half, whole.writer]) await writer.discard();
    expect(readdirSync(folder)).toEqual([]);
  });

  test('in the middle of a write leaves nothing', async () => {
    const writer = await openStage({ limits: { rows: 1000 } }).open(COLUMNS, KEY);
    await writer.write(rowsOf(1500));
    const writing = writer.write(rowsOf(50_000)).catch(() => 'failed');
    await writer.discard();
    await writing;
    expect(readdirSync(folder)).toEqual([]);
    await expect(writer.write(rowsOf(1))).rejects.toThrow(/discarded/);
    await expect(writer.finish()).rejects.toThrow(/discarded/);
  });

  test('removes nothing of another try, batch or tenant', async () => {
    const stage = openStage();
    const other = { tenantId: 'other', batchId: '3ed6657d-e927-568b-95e1-2665a8aea6a2' };
    const kept = [
      await stageRows(stage, rowsOf(3)),
      await stageRows(stage, rowsOf(3), COLUMNS, { ...KEY, batchId: other.batchId }),
      await stageRows(stage, rowsOf(3), COLUMNS, { ...KEY, tenantId: other.tenantId }),
    ];
    const { writer } = await stageRows(stage, rowsOf(3));
    await writer.discard();
    expect(filesIn(folder).sort()).toEqual(kept.flatMap(({ urls }) => urls.map(pathOf)).sort());
  });

  test('two tries of one batch at once do not disturb each other', async () => {
    const stage = openStage();
    const kept = await Promise.all(
      Array.from({ length: 20 }, async (_, n) => {
        const staged = await stageRows(stage, rowsOf(n + 1));
        if (n % 2 === 0) await staged.writer.discard();
        return staged;
      }),
    );
    const left = kept.filter((_, n) => n % 2 === 1).flatMap(({ urls }) => urls.map(pathOf));
    expect(filesIn(folder).sort()).toEqual(left.sort());
  });
});

describe('sweep', () => {
  const age = (path: string, ms: number) => {
    const then = new Date(Date.now() - ms);
    utimesSync(path, then, then);
  };
  const ageTry = (url: string, ms: number) => {
    const attempt = dirname(pathOf(url));
    for (const path of [...filesIn(attempt), attempt]) age(path, ms);
  };

  test('removes what is older and nothing that is younger', async () => {
    const stage = openStage({ limits: { rows: 2 } });
    const [old, young, half] = [
      await stageRows(stage, rowsOf(5)),
      await stageRows(stage, rowsOf(5)),
      await stageRows(stage, rowsOf(5)),
    ];
    ageTry(old.urls[0] ?? '', 3 * HOUR_MS);
    ageTry(half.urls[0] ?? '', 3 * HOUR_MS);
    age(pathOf(half.urls[2] ?? ''), HOUR_MS);
    expect(await stage.sweep(2 * HOUR_MS)).toBe(1);
    expect(filesIn(folder).sort()).toEqual([...young.urls, ...half.urls].map(pathOf).sort());
    expect(await stage.sweep(2 * HOUR_MS)).toBe(0);
  });

  test('leaves alone what is not of this stage', async () => {
    const attempt = join(folder, 'tenant', 'batch', '300011f2-1fcb-43e0-a008-35527d6bf874');
    const strange = [
      join(folder, 'a.parquet'),
      join(folder, 'tenant', 'batch', 'mine', 'part-0000.parquet'),
      join(attempt, 'part-0000.parquet'),
      join(attempt, 'notes.txt'),
    ];
    for (const path of strange) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, '');
      age(path, 9 * HOUR_MS);
      age(dirname(path), 9 * HOUR_MS);
    }
    expect(await openStage().sweep(HOUR_MS)).toBe(0);
    expect(filesIn(folder).sort()).toEqual(strange.sort());
  });
});

describe('a folder that', () => {
  test('does not exist is refused, not made', async () => {
    rmSync(folder, { recursive: true });
    await expect(stageRows(openStage(), rowsOf(1))).rejects.toMatchObject({
      code: 'lakehouse.stage_refused',
      retry: 'terminal',
    });
    expect(existsSync(folder)).toBe(false);
  });

  test('is a file is refused', async () => {
    rmSync(folder, { recursive: true });
    writeFileSync(folder, '');
    await expect(stageRows(openStage(), rowsOf(1))).rejects.toMatchObject({
      code: 'lakehouse.stage_refused',
    });
  });

  test('is read by others gets files they may read, as the umask says', async () => {
    const { urls } = await stageRows(openStage(), rowsOf(1));
    const path = pathOf(urls[0] ?? '');
    expect(statSync(path).mode & 0o777).toBe(0o666 & ~process.umask());
    expect(statSync(dirname(path)).mode & 0o777).toBe(0o777 & ~process.umask());
  });
});
