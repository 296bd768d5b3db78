import { open } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { UnavailableError } from '../../../errors.ts';
import type { WorkFolder } from '../process/work-folder.ts';

/** Where `ivory target` in its relay mode brings what it reads. */
export interface Relay {
  /** Path of the socket, for the plugin's config. */
  path: string;
  /** The first who connects; nobody else is let in. Writable until it is ended, also after its input has ended. */
  connection: Promise<Socket>;
  close(): Promise<void>;
}

const SOCKET = 'relay.sock';
/** An address holds 108 bytes on Linux, 104 elsewhere, its final NUL among them. */
const LONGEST_PATH_BYTES = 103;

/** Listens on a socket in the folder, however long its path is. Throws UnavailableError `meltano.no_relay`. */
export async function openRelay({ path: folder }: WorkFolder): Promise<Relay> {
  const path = join(folder, SOCKET);
  const first = Promise.withResolvers<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {});
    server.close();
    first.resolve(socket);
  });
  server.maxConnections = 1;
  await listen(server, path, folder);
  let socket: Socket | null = null;
  void first.promise.then((connected) => {
    socket = connected;
  });
  return {
    path,
    connection: first.promise,
    async close() {
      socket?.destroy();
      if (server.listening) await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function listen(server: Server, path: string, folder: string): Promise<void> {
  if (Buffer.byteLength(path) <= LONGEST_PATH_BYTES) return listenAt(server, path);
  // The kernel's own short name for a folder that is open.
  const handle = await open(folder);
  try {
    await listenAt(server, `/proc/self/fd/${handle.fd}/${SOCKET}`);
  } finally {
    await handle.close();
  }
}

function listenAt(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) =>
      reject(new UnavailableError('meltano.no_relay', 'No socket for the loader can be opened.', { cause })),
    );
    server.listen(path, resolve);
  });
}
