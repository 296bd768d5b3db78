import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHttpWebhookSender, type HttpSenderOptions } from '../../../src/adapters/webhooks/http.ts';
import type { WebhookOutcome } from '../../../src/ports/webhook-sender.ts';
import { type Behaviour, hang, ok, openReceiver, type Receiver, status } from './receiver.ts';

const TLS = ['key', 'cert'].map((name) =>
  readFileSync(new URL(`../../fixtures/tls/${name}.pem`, import.meta.url), 'utf8'),
);
const [key = '', cert = ''] = TLS;
const LOCAL = { address: '127.0.0.1', family: 4 };
const forever = new AbortController().signal;

let plain: Receiver;
let tls: Receiver;
beforeAll(async () => {
  [plain, tls] = await Promise.all([openReceiver(), openReceiver({ key, cert })]);
});
afterAll(() => Promise.all([plain.close(), tls.close()]));

function send(
  url: string,
  options: Partial<HttpSenderOptions> = {},
  signal = forever,
): Promise<WebhookOutcome> {
  const sender = createHttpWebhookSender({ allowPrivate: true, ...options });
  return sender.send({ url, headers: { 'webhook-id': 'msg_1' }, body: '{}' }, signal);
}

/** A time no receiver here that answers at all comes near to. */
const SHORT = { limits: { answerMs: 400, totalMs: 800 } };

function named(receiver: Receiver, host: string, path = '/'): string {
  const url = new URL(receiver.url(path));
  url.hostname = host;
  return url.href;
}

describe('a receiver that', () => {
  const reset: Behaviour = (_answer, request) => request.socket.resetAndDestroy();
  const junk: Behaviour = (_answer, request) => void request.socket.end('no http\r\n\r\n');
  const drippingHead: Behaviour = (_answer, { socket }) => {
    socket.write('HTTP/1.1 200 OK\r\n');
    const drip = setInterval(() => socket.write('x-a: b\r\n'), 20);
    socket.on('close', () => clearInterval(drip));
  };
  const hugeHead: Behaviour = (answer) => answer.writeHead(200, { 'x-a': 'x'.repeat(200_000) }).end();

  test.each([
    ['never answers', hang, 'timeout'],
    ['sends its answer line by line for ever', drippingHead, 'timeout'],
    ['hangs up', reset, 'connection_failed'],
    ['speaks something else', junk, 'answer_invalid'],
    ['answers with a giant header', hugeHead, 'answer_invalid'],
  ] as const)('%s is a failure within the bound', async (name, behaviour, fault) => {
    const path = `/${encodeURIComponent(name)}`;
    plain.on(path, behaviour);
    const options = fault === 'timeout' ? SHORT : {};
    expect(await send(plain.url(path), options)).toMatchObject({ kind: 'failed', fault });
  });

  test('is not there is a failure', async () => {
    const gone = await openReceiver();
    const url = gone.url();
    await gone.close();
    expect(await send(url)).toMatchObject({ kind: 'failed', fault: 'connection_failed' });
  });

  test('answers with a body without end has answered, and 4 KB of it are read', async () => {
    let written = 0;
    plain.on('/giant', (answer) => {
      const more = () => {
        do written += 65_536;
        while (answer.write('x'.repeat(65_536)) && written < 64 * 1024 ** 2);
      };
      answer.writeHead(200).on('drain', more);
      more();
    });
    const outcome = await send(plain.url('/giant'));
    expect(outcome).toMatchObject({ kind: 'answered', status: 200, excerpt: 'x'.repeat(4_096) });
    expect(written).toBeLessThan(64 * 1024 ** 2);
  });

  test('drips its body has answered, and is left when the time is up', async () => {
    const left = Promise.withResolvers<void>();
    plain.on('/drip', (answer) => {
      const drip = setInterval(() => answer.write('.'), 20);
      answer.writeHead(201).write('.');
      answer.on('close', () => {
        clearInterval(drip);
        left.resolve();
      });
    });
    const outcome = await send(plain.url('/drip'), SHORT);
    await left.promise;
    expect(outcome).toMatchObject({ kind: 'answered', status: 201, excerpt: expect.stringMatching(/^\.+$/) });
  });

  test('redirects is not followed', async () => {
    plain.on('/there', status(307, { location: plain.url('/here') }));
    expect(await send(plain.url('/there'))).toMatchObject({ kind: 'answered', status: 307 });
    expect(plain.received.some(({ path }) => path === '/here')).toBe(false);
  });

  test('is still being asked when the worker has to go is left', async () => {
    plain.on('/leave', hang);
    const leave = new AbortController();
    const sending = send(plain.url('/leave'), {}, leave.signal);
    await plain.got('/leave');
    leave.abort(new Error('the worker ends'));
    await expect(sending).rejects.toThrow('the worker ends');
  });
});

describe('a name', () => {
  test('is looked up once a request, and the request goes where that look led', async () => {
    let looks = 0;
    const resolve = async () => {
      looks += 1;
      return looks === 1 ? [LOCAL] : [{ address: '192.0.2.1', family: 4 }];
    };
    plain.on('/once', ok);
    const outcome = await send(named(plain, 'rebinding.invalid', '/once'), { resolve });
    expect([outcome, looks]).toMatchObject([{ kind: 'answered', status: 204 }, 1]);
  });

  test('that led elsewhere when its url was kept is judged again, and nothing is sent', async () => {
    const answers = [[{ address: '93.184.215.14', family: 4 }], [LOCAL]];
    const resolve = async () => answers.shift() ?? [];
    const sender = createHttpWebhookSender({ allowPrivate: false, resolve });
    const url = named(tls, 'rebinding.example', '/never');
    await sender.assertUrl(url);
    expect(await sender.send({ url, headers: {}, body: '{}' }, forever)).toEqual({
      kind: 'failed',
      fault: 'address_not_allowed',
      message: 'address not allowed',
    });
    expect(tls.received).toEqual([]);
  });

  test('that has no address, or whose servers keep silent, is a failure and no reason to refuse the url', async () => {
    const silent = () => new Promise<never>(() => {});
    const url = 'https://ivory.example/';
    expect(await send(url, { resolve: async () => [] })).toMatchObject({ fault: 'name_not_found' });
    expect(await send(url, { resolve: silent, ...SHORT })).toMatchObject({ fault: 'name_not_found' });
    await createHttpWebhookSender({ allowPrivate: false, resolve: async () => [] }).assertUrl(url);
  });
});

describe('https', () => {
  const resolve = async () => [LOCAL];

  test('is spoken with whom a certificate names, by an authority that is trusted', async () => {
    expect(await send(named(tls, 'receiver.test', '/trusted'), { resolve, ca: cert })).toMatchObject({
      status: 204,
    });
    expect(tls.received.map(({ headers }) => headers['host'])).toEqual([
      expect.stringMatching(/^receiver\.test:\d+$/),
    ]);
  });

  test('is not spoken with another name, nor where nobody vouches', async () => {
    const before = tls.received.length;
    const other = await send(named(tls, 'other.test'), { resolve, ca: cert });
    const nobody = await send(named(tls, 'receiver.test'), { resolve });
    for (const outcome of [other, nobody])
      expect(outcome).toMatchObject({ kind: 'failed', fault: 'tls_failed' });
    expect(tls.received).toHaveLength(before);
  });
});
