import { createServer } from 'node:net';

/** A port of 127.0.0.1 nobody listens on at this moment: the preferred one if it is free. */
export async function findFreePort(preferred?: number): Promise<number> {
  return (preferred ? await tryListen(preferred) : null) ?? (await tryListen(0)) ?? findFreePort();
}

function tryListen(port: number): Promise<number | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(null));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const address = server.address();
      const bound = typeof address === 'object' && address ? address.port : null;
      server.close(() => resolve(bound));
    });
  });
}
