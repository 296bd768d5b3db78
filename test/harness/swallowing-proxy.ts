import { createServer, Socket } from 'node:net';

/** Between a client and a server: what a firewall does that forgets its connections and tells nobody. */
export interface SwallowingProxy {
  port: number;
  /** How many connections it has taken. */
  taken(): number;
  /** From now on nothing is passed on, in no direction, on connections of before and of now; none is closed. */
  swallow(): void;
  /** New connections pass again. What was swallowed, and the connections it was swallowed on, are lost for ever. */
  restore(): void;
  close(): Promise<void>;
}

/** Listens on a free port of 127.0.0.1 and passes everything on to `port` there. */
export async function openSwallowingProxy(port: number): Promise<SwallowingProxy> {
  const sockets = new Set<Socket>();
  const holes: { isOpen: boolean }[] = [];
  let isSwallowing = false;
  const server = createServer((near) => {
    const far = new Socket();
    const hole = { isOpen: isSwallowing };
    holes.push(hole);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.setNoDelay(true);
      from.on('error', () => {});
      from.on('data', (bytes) => void (hole.isOpen || to.write(bytes)));
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
    far.connect({ port, host: '127.0.0.1' });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the proxy has no port');
  return {
    port: address.port,
    taken: () => holes.length,
    swallow() {
      isSwallowing = true;
      for (const hole of holes) hole.isOpen = true;
    },
    restore() {
      isSwallowing = false;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
