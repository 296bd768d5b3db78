import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

const DEFAULT_PORT = 8812;
/** The protocol's number of a request to cancel. */
const CANCEL_REQUEST = 80_877_102;
const CANCEL_TIMEOUT_MS = 5_000;

/** What a server knows a session by. */
export interface Backend {
  pid: number;
  secret: number;
}

/** The socket of one session: a driver's own way to close it waits for the server. */
export function createLine(url: string) {
  const { hostname, port } = new URL(url);
  const place = { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) || DEFAULT_PORT };
  const leaving = new AbortController();
  let socket: Socket | null = null;
  return {
    async open(): Promise<Socket> {
      leaving.signal.throwIfAborted();
      socket = connect(place);
      await once(socket, 'connect', { signal: leaving.signal });
      return socket;
    },
    cut() {
      leaving.abort();
      socket?.destroy();
    },
    /** Asks the server to cancel what the session is at. It answers by closing; whether it did is seen by the statement's end. */
    async cancel({ pid, secret }: Backend): Promise<void> {
      const request = Buffer.alloc(16);
      for (const [n, word] of [16, CANCEL_REQUEST, pid, secret].entries())
        request.writeUInt32BE(word >>> 0, n * 4);
      const asking = connect(place);
      asking.on('error', () => {});
      asking.end(request).resume();
      asking.setTimeout(CANCEL_TIMEOUT_MS, () => asking.destroy());
      await new Promise((resolve) => asking.once('close', resolve));
    },
  };
}
