import type { CommittedBatch } from '../../ports/lakehouse.ts';
import type { CopyWriter } from './postgres-copy.ts';

/** Where the rows of a batch go until it is published. */
export interface Landing {
  writer: CopyWriter;
  /** A row, or a key in its places, as a line for the writer; null: nothing has to be written. */
  lineOf(fields: readonly string[], remove: boolean): string | null;
  /** The rows of a select, instead of lines, if there are so many of them; else none. */
  takeSelect(select: string, expected: number): Promise<boolean>;
  publish(commit: Commit): Promise<CommittedBatch>;
  /** After the commit, before the session is somebody else's; null: nothing is left in it. */
  cleanUp: string | null;
  /** At the end, whichever. */
  stop(): void;
}

/** The two ways a transaction that publishes ends. */
export interface Commit {
  now(): Promise<CommittedBatch>;
  /** The batch was committed before, by somebody else. */
  foundDone(): Promise<CommittedBatch>;
}
