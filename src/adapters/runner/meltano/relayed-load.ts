import type { Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import type { Pool } from '../../../db/client.ts';
import { messageOf } from '../../../errors.ts';
import { type LoadResult, loadSinger } from '../../../singer/load.ts';
import { DEFAULT_LOAD_SETTINGS } from '../../../singer/load-settings.ts';
import { frameLine } from '../../../singer/relay-frame.ts';
import { loadHooksOf } from '../singer/load-hooks.ts';
import type { MeltanoRun } from './pipeline.ts';

/** Loads what comes over the socket in this process, and answers each state when it is durable. Throws what loadSinger throws. */
export async function loadRelayed(
  { spec, hooks, redact, signal }: Pick<MeltanoRun, 'spec' | 'hooks' | 'redact' | 'signal'>,
  pool: Pool,
  socket: Socket,
): Promise<LoadResult> {
  const messages = new PassThrough();
  socket.pipe(messages);
  socket.once('close', () => messages.end());
  try {
    const result = await loadSinger({
      source: messages,
      pool,
      settings: { ...DEFAULT_LOAD_SETTINGS, targetSchema: spec.stagingSchema, loadId: String(spec.loadId) },
      hooks: {
        ...loadHooksOf(hooks, redact),
        onState: (state) => void socket.write(frameLine({ kind: 'state', state })),
      },
      signal,
      sessionName: spec.stagingSession,
    });
    socket.end(frameLine({ kind: 'done' }));
    return result;
  } catch (error) {
    socket.end(frameLine({ kind: 'failed', reason: messageOf(error) }));
    throw error;
  }
}
