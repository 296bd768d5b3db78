import { createReadStream } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { basename, isAbsolute, relative, resolve } from 'node:path';
import { pipeline, type Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { createGunzip } from 'node:zlib';
import { AppError, InvalidError } from '../errors.ts';
import { type LineBlock, type LongLine, lineBlocks } from './line-blocks.ts';
import type { LoadSettings } from './load-settings.ts';
import type { BatchMessage } from './message.ts';
import { singerError } from './refusal.ts';

/**
 * The records of a BATCH message's files, each line made a RECORD message of its stream. Files end in .jsonl or .jsonl.gz as the
 * encoding says and lie in `batchFolder`, links followed. Throws InvalidError `singer.batch_unsupported`, `singer.batch_outside`,
 * `singer.batch_unreadable`.
 */
export async function* batchBlocks(
  message: BatchMessage,
  { batchFolder, maxLineBytes }: LoadSettings,
): AsyncGenerator<LineBlock | LongLine> {
  if (batchFolder === null)
    throw singerError(
      'singer.batch_unsupported',
      message,
      'BATCH messages need a folder they may name files of (batch_config.storage.root); or let the tap send RECORD messages.',
    );
  for (const name of message.manifest) {
    const path = await confined(name, batchFolder, message);
    try {
      for await (const block of lineBlocks(openLines(path, message), maxLineBytes))
        yield {
          ...('bytes' in block ? asRecord(block, message) : asRecords(block, message)),
          file: basename(path),
        };
    } catch (cause) {
      const reason = cause instanceof AppError ? cause.message : 'it cannot be read.';
      throw singerError('singer.batch_unreadable', message, `batch file ${basename(path)}: ${reason}`, cause);
    }
  }
}

/** What went wrong with a line of a batch file, with the file and the message that named it. */
export function inBatchFile(error: unknown, message: BatchMessage, file = ''): unknown {
  if (!(error instanceof InvalidError)) return error;
  return singerError(error.code, message, `batch file ${file}: ${error.message}`, error);
}

async function confined(name: string, folder: string, message: BatchMessage): Promise<string> {
  const scheme = /^([a-z][a-z\d+.-]*):\/\//i.exec(name)?.[1];
  if (scheme !== undefined && scheme !== 'file')
    throw singerError(
      'singer.batch_unsupported',
      message,
      `batch files must lie in the batch folder of this machine (file://), not behind ${scheme}://.`,
    );
  try {
    const root = await realpath(folder);
    const path = await realpath(name.startsWith('file:') ? pathOf(name, root) : resolve(root, name));
    const inside = relative(root, path);
    if (inside !== '' && inside !== '..' && !inside.startsWith('../') && !isAbsolute(inside)) return path;
  } catch (cause) {
    throw singerError(
      'singer.batch_unreadable',
      message,
      `batch file ${basename(name)} is not there.`,
      cause,
    );
  }
  throw singerError(
    'singer.batch_outside',
    message,
    `batch file ${basename(name)} lies outside the batch folder.`,
  );
}

/** Taps also write file://relative/path, which is no valid file url. */
function pathOf(url: string, root: string): string {
  return url.startsWith('file:///') ? fileURLToPath(url) : resolve(root, url.replace(/^file:(\/\/)?/, ''));
}

function openLines(path: string, { compression }: BatchMessage): Readable {
  const file = createReadStream(path);
  // The reader of the lines is told of an error by the last stream.
  return compression === 'gzip' ? pipeline(file, createGunzip(), () => {}) : file;
}

function asRecords({ text, ascii, firstLine }: LineBlock, { stream }: BatchMessage): LineBlock {
  const head = recordHead(stream);
  const lines = text.split('\n').map((line) => (line.trim() === '' ? '' : `${head}${line}}`));
  return { text: lines.join('\n'), ascii: ascii && /^[\x20-\x7e]*$/.test(head), firstLine };
}

function asRecord({ bytes, line }: LongLine, { stream }: BatchMessage): LongLine {
  return { bytes: Buffer.concat([Buffer.from(recordHead(stream)), bytes, Buffer.from('}')]), line };
}

function recordHead(stream: string): string {
  return `{"type":"RECORD","stream":${JSON.stringify(stream)},"record":`;
}
