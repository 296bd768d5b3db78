import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, test } from 'vitest';
import { type Link, openLink } from '../../../scripts/chaos/link.ts';
import { until } from '../../harness/until.ts';

/** Answers every byte with itself. */
let echo: Server;
let link: Link;
beforeAll(async () => {
  echo = createServer((socket) => void socket.on('error', () => {}).pipe(socket));
  await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', () => resolve()));
  link = await openLink((echo.address() as AddressInfo).port);
});
afterAll(async () => {
  await link.close();
  echo.close();
});

interface Caller {
  socket: Socket;
  heard(): string;
  isGone(): boolean;
}

function call(): Caller {
  const socket = connect(link.port, '127.0.0.1');
  let heard = '';
  let isGone = false;
  socket.on('data', (chunk) => {
    heard += chunk.toString();
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    isGone = true;
  });
  return { socket, heard: () => heard, isGone: () => isGone };
}

const says = (caller: Caller, text: string) => until(`hears ${text}`, () => caller.heard() === text);

test('what is said arrives once, however often the link was opened', async () => {
  const caller = call();
  link.open();
  link.open();
  caller.socket.write('once');
  await says(caller, 'once');
});

test('a stalled link keeps what is said and loses nothing of it', async () => {
  const caller = call();
  caller.socket.write('before ');
  await says(caller, 'before ');
  link.stall();
  caller.socket.write('meanwhile ');
  const late = call();
  late.socket.write('late');
  link.open();
  await says(caller, 'before meanwhile ');
  await says(late, 'late');
});

test.each(['end', 'reset'] as const)(
  'a cut link (%s) ends its connections and takes none until it is opened',
  async (how) => {
    const caller = call();
    caller.socket.write('hello');
    await says(caller, 'hello');
    link.cut(how);
    await until('the connection ends', () => caller.isGone());
    const refused = call();
    await until('a new one is refused', () => refused.isGone());
    link.open();
    const again = call();
    again.socket.write('again');
    await says(again, 'again');
  },
);
