import type { Readable } from 'node:stream';
import { lineBlocks } from '../../../singer/line-blocks.ts';

/**
 * What a program writes, as texts of whole lines joined by "\n"; a very long line comes alone. Throws InvalidError `singer.line_too_long`,
 * `singer.not_utf8`.
 */
export async function* lineTexts(stdout: Readable, maxLineBytes: number): AsyncGenerator<string> {
  for await (const block of lineBlocks(stdout, maxLineBytes)) yield textOf(block);
}

function textOf(block: { text: string } | { bytes: Buffer }): string {
  return 'text' in block ? block.text : block.bytes.toString('utf8');
}
