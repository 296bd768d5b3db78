import { z } from 'zod';
import { InvalidError } from '../../errors.ts';
import type { Fingerprint } from './bytes.ts';
import type { Property } from './column-type.ts';
import type { SourceFile } from './source-files.ts';

/** What is remembered of a file that was read to its end. */
export interface FileBookmark {
  size: number;
  mtime: string;
  sha256: string;
  rows: number;
}

export interface StreamBookmark {
  files: Record<string, FileBookmark>;
  /** The properties as they were last told, so that no run narrows what an earlier one widened. */
  schema?: Record<string, Property>;
}

const fileSchema = z.object({ size: z.number(), mtime: z.string(), sha256: z.string(), rows: z.number() });
const propertySchema = z.object({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  format: z.string().optional(),
});
const streamSchema = z.looseObject({
  files: z.record(z.string(), fileSchema).default({}),
  schema: z.record(z.string(), propertySchema.loose()).optional(),
});
const stateSchema = z.looseObject({ bookmarks: z.record(z.string(), z.unknown()).default({}) });

/** The tap's state: one bookmark a stream; what it does not know it hands on as it came. */
export interface TapState {
  of(stream: string): StreamBookmark;
  toJson(): unknown;
}

/** Throws InvalidError `tap.state_invalid`. */
export function parseTapState(value: unknown): TapState {
  const state = checked(stateSchema.safeParse(value ?? {}), 'state');
  const bookmarks: Record<string, unknown> = { ...state.bookmarks };
  const known = new Map<string, StreamBookmark>();
  return { of, toJson: () => ({ ...state, bookmarks }) };

  function of(stream: string): StreamBookmark {
    const before = known.get(stream);
    if (before) return before;
    const own = Object.hasOwn(bookmarks, stream) ? bookmarks[stream] : {};
    const bookmark: StreamBookmark = checked(streamSchema.safeParse(own), `bookmark of stream "${stream}"`);
    known.set(stream, bookmark);
    bookmarks[stream] = bookmark;
    return bookmark;
  }
}

function checked<T>(
  parsed: { success: true; data: T } | { success: false; error: z.ZodError },
  what: string,
): T {
  if (parsed.success) return parsed.data;
  const said = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
  throw new InvalidError('tap.state_invalid', `The ${what} is not one of this tap's: ${said}.`);
}

/** What to do with a file. `append`: only what lies behind `fromByte` is new. */
export type Plan =
  | { kind: 'skip' }
  | { kind: 'same'; rows: number; sha256: string }
  | { kind: 'read' }
  | { kind: 'append'; fromByte: number; firstLine: number; rowsBefore: number; sha256: string };

export interface PlanInput {
  file: SourceFile;
  bookmark: StreamBookmark;
  /** The stream's files of this run. */
  present: readonly SourceFile[];
  canAppend: boolean;
  fingerprint(file: SourceFile, prefixBytes: number): Promise<Fingerprint>;
}

/** Decides from the bookmark, hashing the file only where size and time alone cannot tell. */
export async function planFile({
  file,
  bookmark,
  present,
  canAppend,
  fingerprint,
}: PlanInput): Promise<Plan> {
  const before = Object.hasOwn(bookmark.files, file.path) ? bookmark.files[file.path] : undefined;
  if (before && isCurrent(before, file)) return { kind: 'skip' };
  const mayHaveMoved = movedAway(bookmark, present).filter(({ size }) => size === file.sizeBytes);
  const mayHaveGrown = canAppend && before !== undefined && before.size > 0 && before.size < file.sizeBytes;
  if (before?.size !== file.sizeBytes && mayHaveMoved.length === 0 && !mayHaveGrown) return { kind: 'read' };
  const print = await fingerprint(file, mayHaveGrown ? before.size : 0);
  const same = [before, ...mayHaveMoved].find((known) => known?.sha256 === print.sha256);
  if (same) return { kind: 'same', rows: same.rows, sha256: same.sha256 };
  const grew = mayHaveGrown && print.prefixSha256 === before.sha256 && print.prefixEndsLine && !print.gzip;
  if (!grew) return { kind: 'read' };
  const { sha256, prefixLines } = print;
  return {
    kind: 'append',
    fromByte: before.size,
    firstLine: prefixLines + 1,
    rowsBefore: before.rows,
    sha256,
  };
}

function isCurrent(before: FileBookmark, file: SourceFile): boolean {
  return before.size === file.sizeBytes && before.mtime === file.mtime;
}

/** Bookmarks whose file is gone or another one now: a new path with the same content is that file, renamed. A copy is a file of its own. */
function movedAway(bookmark: StreamBookmark, present: readonly SourceFile[]): FileBookmark[] {
  const files = new Map(present.map((file) => [file.path, file]));
  return Object.entries(bookmark.files)
    .filter(([path, before]) => {
      const now = files.get(path);
      return !now || !isCurrent(before, now);
    })
    .map(([, before]) => before);
}
