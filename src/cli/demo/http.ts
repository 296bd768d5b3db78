import { AppError } from '../../errors.ts';

/** A client of Ivory's own API: JSON in, JSON out. */
export interface ApiClient {
  call<T>(method: string, path: string, body?: unknown): Promise<T>;
}

const TIMEOUT_MS = 90_000;

export function createApiClient(baseUrl: string, token: string): ApiClient {
  return {
    async call<T>(method: string, path: string, body?: unknown): Promise<T> {
      const response = await fetch(`${baseUrl}${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: body === undefined ? undefined : JSON.stringify(body),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      const text = await response.text();
      if (!response.ok)
        throw new AppError('demo.api', `${method} ${path} answered ${response.status}: ${text}`, 'terminal');
      return (text ? JSON.parse(text) : null) as T;
    },
  };
}
