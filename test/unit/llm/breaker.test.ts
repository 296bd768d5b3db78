import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { withBreaker } from '../../../src/adapters/llm/breaker.ts';
import type { StubAnswer } from '../../harness/openai-stub.ts';
import { against, never, REQUEST } from './against.ts';

async function broken(answers: readonly StubAnswer[], options: Parameters<typeof against>[1] = {}) {
  const { stub, llm } = await against(answers, { attempts: 1, ...options });
  const lines: string[] = [];
  const log = pino({}, { write: (line: string) => lines.push(line) });
  let now = 0;
  const breaker = withBreaker(llm, { log, clock: () => now });
  const ask = () =>
    breaker.complete(REQUEST, never).then(
      () => 'answered',
      (error) => error.code,
    );
  return { stub, ask, lines, pass: (ms: number) => (now += ms) };
}

describe('a model that cannot answer', () => {
  it('is left alone after one refused key, which is logged once, and asked again after a while', async () => {
    const { stub, ask, lines, pass } = await broken([{ status: 401 }, { status: 401 }, { json: 1 }]);
    for (let asked = 0; asked < 5; asked++) expect(await ask()).toBe('llm.key_refused');
    expect(stub.requests).toHaveLength(1);
    pass(60_001);
    expect(await ask()).toBe('llm.key_refused');
    expect(await ask()).toBe('llm.key_refused');
    expect(stub.requests).toHaveLength(2);
    expect(lines).toHaveLength(1);
    pass(60_001);
    expect(await ask()).toBe('answered');
    expect(await ask()).toBe('answered');
    expect(lines).toHaveLength(2);
  });

  it('is left alone after three failures in a row', async () => {
    const { stub, ask, pass } = await broken([
      { status: 500 },
      { status: 500 },
      { status: 500 },
      { json: 1 },
    ]);
    for (let asked = 0; asked < 6; asked++) expect(await ask()).toBe('llm.unavailable');
    expect(stub.requests).toHaveLength(3);
    pass(30_001);
    expect(await ask()).toBe('answered');
  });

  it('is not left alone for single failures, nor for refusing one question', async () => {
    const turns: StubAnswer[] = [{ status: 500 }, { status: 500 }, { refusal: 'no' }];
    const { stub, ask } = await broken([...turns, ...turns, ...turns]);
    for (let asked = 0; asked < 9; asked++) await ask();
    expect(stub.requests).toHaveLength(9);
  });

  it('is asked by one only when it is tried again', async () => {
    const { stub, ask, pass } = await broken([{ status: 401 }, { hang: true }], { timeoutMs: 300 });
    await ask();
    pass(60_001);
    const probe = ask();
    await expect.poll(() => stub.requests.length).toBe(2);
    expect(await ask()).toBe('llm.key_refused');
    expect(await probe).toBe('llm.unavailable');
    expect(stub.requests).toHaveLength(2);
  });

  it('is not blamed when the one who asked went away', async () => {
    const { stub, llm } = await against([{ hang: true }]);
    const breaker = withBreaker(llm, { log: pino({ level: 'silent' }), failures: 1 });
    const stop = new AbortController();
    const gone = breaker.complete(REQUEST, stop.signal);
    await expect.poll(() => stub.requests.length).toBe(1);
    stop.abort(new Error('gone'));
    await expect(gone).rejects.toThrow('gone');
    const next = new AbortController();
    const asked = breaker.complete(REQUEST, next.signal);
    await expect.poll(() => stub.requests.length).toBe(2);
    next.abort(new Error('seen'));
    await expect(asked).rejects.toThrow('seen');
  });
});
