import { until } from './until.ts';

/** Calls an API over HTTP as a tenant would. */
export interface TestClient {
  /** Answers the body of a 2xx; rejects with status and body otherwise. */
  call<T = Record<string, unknown>>(method: string, path: string, body?: unknown): Promise<T>;
  /** Asks again until `done` says yes; rejects after timeoutMs. */
  until<T>(path: string, done: (body: T) => boolean, timeoutMs?: number): Promise<T>;
}

export function createTestClient(baseUrl: string, token: string): TestClient {
  async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${baseUrl}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return (text ? JSON.parse(text) : null) as T;
  }
  function untilDone<T>(path: string, done: (body: T) => boolean, timeoutMs = 30_000): Promise<T> {
    const ask = async () => {
      const body = await call<T>('GET', path);
      return done(body) ? body : null;
    };
    return until(`GET ${path}`, ask, timeoutMs);
  }
  return { call, until: untilDone };
}
