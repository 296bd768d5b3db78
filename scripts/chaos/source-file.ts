import { appendFileSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import type { SourceSpec } from './model.ts';

/** How a source and its tap behave now. */
export interface SourceNow {
  /** stream -> its newest version. */
  heads: Record<string, number>;
  /** Nothing goes wrong any more. */
  calm: boolean;
}

/** What a tap's config says: everything else it finds in the source's file. */
export interface TapConfig {
  source: SourceSpec;
  /** Of SourceNow; `<file>.reads` gets a byte for every time the source was read. */
  file: string;
  /** The first so many reads are refused. */
  refusals: number;
  /** One in so many reads breaks off after half of its rows; 0: none. */
  breaksOneIn: number;
  /** One in so many fills the working folder beyond the quota; 0: none. */
  fillsOneIn: number;
  /** A pause after every chunk of rows. */
  paceMs: number;
  /** SIGTERM is ignored. */
  stubborn: boolean;
  /** A child and its child are started, which never end by themselves; one leaves the process group. */
  family: boolean;
}

export function readNow(file: string): SourceNow {
  return JSON.parse(readFileSync(file, 'utf8')) as SourceNow;
}

/** Whole or not at all: taps read it at any moment. */
export function writeNow(file: string, now: SourceNow): void {
  writeFileSync(`${file}.new`, JSON.stringify(now));
  renameSync(`${file}.new`, file);
}

/** Counts this read; answers how many there were with it. */
export function countRead(file: string): number {
  appendFileSync(`${file}.reads`, '.');
  return statSync(`${file}.reads`).size;
}
