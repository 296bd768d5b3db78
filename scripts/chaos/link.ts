import { createServer, type Server, Socket } from 'node:net';

/** Between one process of the fleet and one service: what a bad network does, done on purpose. */
export interface Link {
  port: number;
  /** Ends all connections, in order (FIN) or not (RST), and refuses new ones until `open`. */
  cut(how: 'end' | 'reset'): void;
  /** Lets nothing through, in either direction, until `open`; connections stay. */
  stall(): void;
  open(): void;
  close(): Promise<void>;
}

interface Pair {
  near: Socket;
  far: Socket;
}

/** Listens on a free port of 127.0.0.1 and passes everything on to `port` there. */
export async function openLink(port: number): Promise<Link> {
  const pairs = new Set<Pair>();
  let state: 'open' | 'stalled' | 'refusing' = 'open';
  const server = createServer((near) => {
    near.on('error', () => {});
    if (state === 'refusing') return void near.resetAndDestroy();
    const pair = joined(near, port);
    pairs.add(pair);
    for (const socket of [near, pair.far]) socket.once('close', () => pairs.delete(pair));
    if (state === 'stalled') pauseBoth(pair);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', () => resolve());
  });
  return {
    port: portOf(server),
    cut(how) {
      state = 'refusing';
      for (const { near, far } of pairs) {
        if (how === 'reset') near.resetAndDestroy();
        else near.destroy();
        far.destroy();
      }
    },
    stall() {
      state = 'stalled';
      for (const pair of pairs) pauseBoth(pair);
    },
    open() {
      const wasStalled = state === 'stalled';
      state = 'open';
      // what is piped twice arrives twice
      if (!wasStalled) return;
      for (const { near, far } of pairs) {
        near.pipe(far);
        far.pipe(near);
      }
    },
    async close() {
      for (const { near, far } of pairs) {
        near.destroy();
        far.destroy();
      }
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function joined(near: Socket, port: number): Pair {
  const far = new Socket();
  far.on('error', () => near.destroy());
  near.on('close', () => far.destroy());
  far.on('close', () => near.destroy());
  far.connect({ port, host: '127.0.0.1' });
  far.setNoDelay(true);
  near.setNoDelay(true);
  near.pipe(far);
  far.pipe(near);
  return { near, far };
}

function pauseBoth({ near, far }: Pair): void {
  for (const socket of [near, far]) {
    socket.unpipe();
    socket.pause();
  }
}

function portOf(server: Server): number {
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the proxy has no port');
  return address.port;
}
