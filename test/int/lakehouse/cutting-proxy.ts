import { connect, createServer, type Socket } from 'node:net';

export interface CuttingProxy {
  port: number;
  /** Cuts every connection now. */
  cut(): void;
  /** Cuts once this many more bytes have gone through, both ways together. */
  cutAfter(bytes: number): void;
  /**
   * Cuts at the first request that matches: `swallowed` never reaches the server; `answer-lost` does, and its answer does not
   * come back.
   */
  cutAt(request: RegExp, what: 'swallowed' | 'answer-lost'): void;
  /** Bytes that have gone through. */
  bytes(): number;
  /** How often cutAfter or cutAt has cut. */
  cuts(): number;
  close(): Promise<void>;
}

interface Trap {
  request: RegExp;
  what: 'swallowed' | 'answer-lost';
}

/** A TCP proxy that breaks connections where a test wants them broken. */
export async function startCuttingProxy(target: { host: string; port: number }): Promise<CuttingProxy> {
  const pairs = new Set<Socket>();
  let passed = 0;
  let cutBeyond = Number.POSITIVE_INFINITY;
  let trap: Trap | null = null;
  let cuts = 0;

  function cut() {
    cutBeyond = Number.POSITIVE_INFINITY;
    for (const socket of pairs) socket.destroy();
    pairs.clear();
  }

  function cutAsAsked() {
    cuts += 1;
    cut();
  }

  function pass(chunk: Buffer, to: Socket) {
    passed += chunk.length;
    to.write(chunk);
    if (passed >= cutBeyond) cutAsAsked();
  }

  const server = createServer((client) => {
    const upstream = connect(target);
    let losing = false;
    pairs.add(client).add(upstream);
    client.on('data', (chunk: Buffer) => {
      const caught = trap?.request.test(chunk.toString('latin1')) ? trap.what : null;
      if (caught) trap = null;
      if (caught === 'swallowed') return cutAsAsked();
      losing = caught === 'answer-lost';
      pass(chunk, upstream);
    });
    upstream.on('data', (chunk: Buffer) => (losing ? cutAsAsked() : pass(chunk, client)));
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      socket.on('error', () => {}).on('close', () => other.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  return {
    port: address.port,
    cut,
    cutAfter: (bytes) => {
      cutBeyond = passed + bytes;
    },
    cutAt: (request, what) => {
      trap = { request, what };
    },
    bytes: () => passed,
    cuts: () => cuts,
    async close() {
      cut();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
