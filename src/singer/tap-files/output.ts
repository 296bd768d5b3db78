import type { Writable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';

/** Batched, backpressured writing of messages. */
export interface Output {
  write(line: string): void;
  /** Writes out what is held when it is much, and waits for the reader to keep up. Throws OutputClosed. */
  ready(): Promise<void>;
  /** Writes everything out. Throws OutputClosed. */
  flush(): Promise<void>;
}

/** The reader of our output went away: there is nobody left to tell. */
export class OutputClosed extends Error {}

const BATCH_CHARACTERS = 256 * 1024;

export function createOutput(stream: Writable): Output {
  let held = '';
  let failure: Error | undefined;
  let wake: (() => void) | undefined;
  stream.on('drain', () => wake?.());
  stream.on('error', (error) => fail(error));
  stream.on('close', () => fail(new OutputClosed('the output was closed')));
  return { write, ready, flush };

  function write(line: string): void {
    held += line;
  }

  async function ready(): Promise<void> {
    if (held.length >= BATCH_CHARACTERS) await flush();
  }

  async function flush(): Promise<void> {
    const batch = held;
    held = '';
    if (failure) throw failure;
    if (batch !== '' && !stream.write(batch)) await drained();
    // A pipe's errors arrive as events: let them, and the rest of the process, have a turn.
    await setImmediate();
    if (failure) throw failure;
  }

  function drained(): Promise<void> {
    return new Promise((resolve) => {
      wake = resolve;
      if (failure || !stream.writableNeedDrain) resolve();
    });
  }

  function fail(error: Error): void {
    failure ??= 'code' in error && error.code === 'EPIPE' ? new OutputClosed('the output was closed') : error;
    wake?.();
  }
}
