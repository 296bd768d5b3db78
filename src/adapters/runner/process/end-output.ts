import type { Socket } from 'node:net';
import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';

const QUIET_MS = 2_000;
const LOOKS = 4;

/**
 * Ends the output of a process that is gone, whoever else still holds its pipe: once all there was is read and nothing more has come for
 * `quietMs`. Its reader sees an ordinary end. Resolves when the output has ended, or nobody wants it any more.
 */
export async function endOutput(output: Socket, quietMs = QUIET_MS): Promise<void> {
  let seen = -1;
  for (let quiet = 0; quiet < LOOKS; ) {
    await wait(quietMs / LOOKS, undefined, { ref: false });
    // what came while this process was busy is taken in first
    await turn();
    if (output.readableEnded || output.destroyed) return;
    quiet = output.bytesRead === seen && output.readableLength === 0 ? quiet + 1 : 0;
    seen = output.bytesRead;
  }
  output.push(null);
}
