import { glob, realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { FORMATS, type Format, type StreamConfig } from './config.ts';
import { FileError } from './errors.ts';

/** A file to read, as it was when it was found. */
export interface SourceFile {
  /** Relative to root, with "/" between folders: what `_sdc_source_file` and the bookmarks say. */
  path: string;
  /** Where it really is. */
  realPath: string;
  sizeBytes: number;
  /** ISO 8601 with milliseconds. */
  mtime: string;
  format: Format;
}

export interface FileFinder {
  /** The files of a stream, oldest first. Problems are told one by one; the files that are fine are found all the same. */
  find(stream: StreamConfig, onProblem: (path: string, error: FileError) => void): Promise<SourceFile[]>;
}

export interface FinderOptions {
  /** null: the current folder. */
  root: string | null;
  jail: boolean;
  cwd: string;
}

/** Throws FileError `tap.no_files` when the root folder itself is missing. */
export async function createFileFinder({ root, jail, cwd }: FinderOptions): Promise<FileFinder> {
  const base = resolve(cwd, root ?? '.');
  const realRoot = await realpath(base).catch((cause: unknown) => {
    throw new FileError('tap.no_files', `the root folder ${root ?? '.'} does not exist`, { cause });
  });
  return { find };

  async function find(
    stream: StreamConfig,
    onProblem: (path: string, error: FileError) => void,
  ): Promise<SourceFile[]> {
    const found = new Map<string, SourceFile>();
    for (const pattern of stream.path) {
      try {
        for (const path of await matches(pattern)) {
          const file = await describe(path, pattern, stream.format).catch((error: unknown) =>
            told(path, error),
          );
          if (file) found.set(file.path, file);
        }
      } catch (error) {
        told(pattern, error);
      }
    }
    return [...found.values()].sort((a, b) => compare(a.mtime, b.mtime) || compare(a.path, b.path));

    function told(path: string, error: unknown): undefined {
      if (!(error instanceof FileError)) throw error;
      onProblem(path, error);
    }
  }

  /** A name that exists as it stands is itself, brackets and all; anything else is a glob. */
  async function matches(pattern: string): Promise<string[]> {
    if (jail) await assertPatternInside(pattern);
    const literal = resolve(base, pattern);
    if (await stat(literal).catch(() => null)) return [literal];
    const paths: string[] = [];
    for await (const path of glob(pattern, { cwd: base })) paths.push(resolve(base, path));
    if (paths.length === 0) throw new FileError('tap.no_files', 'no file matches');
    return paths;
  }

  /** Walks the part before the first wildcard, so that a glob cannot even list a folder outside. */
  async function assertPatternInside(pattern: string): Promise<void> {
    if (pattern.split(/[\\/]/).includes('..')) throw outside();
    const fixed = pattern.split('/').slice(0, firstWild(pattern.split('/')));
    let at = isAbsolute(pattern) ? sep : base;
    for (const part of fixed) {
      at = join(at, part);
      const real = await realpath(at).catch(() => null);
      if (real !== null && !isAbsolute(pattern) && !isInside(real)) throw outside();
    }
    if (isAbsolute(pattern) && !isInside((await realpath(at).catch(() => null)) ?? at)) throw outside();
  }

  async function describe(
    path: string,
    pattern: string,
    format: Format | undefined,
  ): Promise<SourceFile | undefined> {
    const real = await realpath(path).catch((cause: unknown) => {
      throw new FileError('tap.file_unreadable', 'a link that leads nowhere', { cause });
    });
    if (jail && !isInside(real)) throw outside();
    const stats = await stat(real);
    if (stats.isDirectory() && resolve(base, pattern) !== path) return undefined;
    if (!stats.isFile())
      throw new FileError('tap.not_a_file', `is ${stats.isDirectory() ? 'a folder' : 'not a regular file'}`);
    return {
      path: relative(base, path).split(sep).join('/'),
      realPath: real,
      sizeBytes: stats.size,
      mtime: stats.mtime.toISOString(),
      format: format ?? formatOf(path),
    };
  }

  function isInside(path: string): boolean {
    return path === realRoot || path.startsWith(realRoot.endsWith(sep) ? realRoot : realRoot + sep);
  }
}

function outside(): FileError {
  return new FileError('tap.path_outside_root', 'leads outside the root folder');
}

function firstWild(parts: readonly string[]): number {
  const at = parts.findIndex((part) => /[*?[\]{}()!+@]/.test(part));
  return at < 0 ? parts.length : at;
}

const ALIASES: Record<string, Format> = { ndjson: 'jsonl', tab: 'tsv', pq: 'parquet', txt: 'csv' };

function formatOf(path: string): Format {
  const extension = /\.([^./\\]+)$/.exec(path.replace(/\.gz$/i, ''))?.[1]?.toLowerCase() ?? '';
  const format = FORMATS.find((name) => name === extension) ?? ALIASES[extension];
  if (format) return format;
  throw new FileError(
    'tap.format_unknown',
    `no format is known for ".${extension}": set the stream's "format" to one of ${FORMATS.join(', ')}`,
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
