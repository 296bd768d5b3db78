import { createServer, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { endOutput } from '../../../../src/adapters/runner/process/end-output.ts';

/** Both ends of a connection; neither is closed before the test is over. */
async function connection(): Promise<{ writer: Socket; reader: Socket }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve));
  const reader = new Socket().connect(port, '127.0.0.1');
  const writer = await accepted;
  onTestFinished(() => {
    writer.destroy();
    reader.destroy();
    server.close();
  });
  return { writer, reader };
}

test('an output somebody still holds open ends for its reader once it is quiet', async () => {
  const { writer, reader } = await connection();
  writer.write('a row\n');
  const read = text(reader);
  await endOutput(reader, 40);
  expect(await read).toBe('a row\n');
  expect(writer.destroyed).toBe(false);
});

test('a reader that comes late gets all there was', async () => {
  const { writer, reader } = await connection();
  reader.pause();
  const all = 'a row\n'.repeat(200_000);
  writer.write(all);
  await new Promise<void>((resolve) => {
    reader.once('readable', resolve);
  });
  const ended = endOutput(reader, 40);
  for (let look = 0; look < 100; look++) await new Promise((resolve) => setImmediate(resolve));
  const read = text(reader);
  await ended;
  expect((await read).length).toBe(all.length);
});

test('an output that ends by itself is left alone', async () => {
  const { writer, reader } = await connection();
  const read = text(reader);
  writer.end('a row\n');
  await read;
  await endOutput(reader, 40);
  expect(reader.readableEnded).toBe(true);
});
