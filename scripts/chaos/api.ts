import { createHmac } from 'node:crypto';
import { signToken } from '../../src/api/token.ts';

/** The API as its clients use it, over HTTP; keeps what it answered. */
export interface ApiClient {
  call(request: ApiRequest): Promise<Answer>;
  /** "POST trigger 202" -> how often. */
  counts: ReadonlyMap<string, number>;
  /** Answers that the documents do not know. */
  undocumented: readonly string[];
}

export interface ApiRequest {
  tenant: string;
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** What it is called in counts; the last part of the path if absent. */
  name: string;
  path: string;
  body?: unknown;
  headers?: Record<string, string>;
  /** Statuses that are right; 503, and 429 with Retry-After, always are. */
  right: readonly number[];
  timeoutMs?: number;
}

/** null: no answer, whatever became of the request. */
export type Answer = { status: number; body: Record<string, unknown> } | null;

const TIMEOUT_MS = 45_000;

export async function openApiClient(
  baseUrl: string,
  { jwtSecret, tenants }: { jwtSecret: string; tenants: readonly string[] },
): Promise<ApiClient> {
  const tokens = new Map<string, string>();
  for (const tenant of tenants)
    tokens.set(tenant, await signToken(jwtSecret, { tenantId: tenant, ttlS: 12 * 3600 }));
  const counts = new Map<string, number>();
  const undocumented: string[] = [];
  const count = (key: string) => counts.set(key, (counts.get(key) ?? 0) + 1);
  async function call({
    tenant,
    method,
    name,
    path,
    body,
    headers,
    right,
    timeoutMs = TIMEOUT_MS,
  }: ApiRequest) {
    const token = tokens.get(tenant);
    try {
      const response = await fetch(`${baseUrl}${path}`, {
        method,
        headers: {
          ...(token && { authorization: `Bearer ${token}` }),
          'content-type': 'application/json',
          ...headers,
        },
        body: body === undefined ? undefined : JSON.stringify(body),
        signal: AbortSignal.timeout(timeoutMs),
      });
      const text = await response.text();
      count(`${method} ${name} ${response.status}`);
      const busy = response.status === 429 && response.headers.has('retry-after');
      if (!busy && ![...right, 503].includes(response.status))
        undocumented.push(`${method} ${path}: ${response.status} ${text.slice(0, 300)}`);
      return { status: response.status, body: text ? (JSON.parse(text) as Record<string, unknown>) : {} };
    } catch (error) {
      if (error instanceof SyntaxError) undocumented.push(`${method} ${path}: no JSON`);
      count(`${method} ${name} no answer`);
      return null;
    }
  }
  return { call, counts, undocumented };
}

export function hmac(secret: string, message: string): string {
  return createHmac('sha256', secret).update(message).digest('hex');
}
