import type { IncomingMessage, Server, ServerResponse } from 'node:http';

type Fetch = (request: Request, env: object) => Response | Promise<Response>;

/** Stands before the API: knows what is under way, and lets nothing more in when the process is about to end. */
export interface Gate {
  fetch: Fetch;
  /** Sees the server's requests come and go. */
  count(server: Server): void;
  /** From now on only probes are answered; resolves when the rest has been, or after the time. */
  drain(timeoutMs: number): Promise<void>;
}

const PROBES: readonly string[] = ['/healthz', '/readyz', '/metrics'];

export function createGate(fetch: Fetch): Gate {
  const underWay = new Set<IncomingMessage>();
  let onIdle: (() => void) | null = null;
  return {
    fetch(request, env) {
      if (onIdle === null || isProbe(request.url)) return fetch(request, env);
      return stopping(request.headers.get('x-request-id'));
    },
    count(server) {
      // before the API sees it: an answer may be under way at once
      server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
        if (onIdle !== null) response.setHeader('Connection', 'close');
        if (isProbe(`http://any${request.url}`)) return;
        underWay.add(request);
        response.once('close', () => {
          underWay.delete(request);
          if (underWay.size === 0) onIdle?.();
        });
      });
    },
    async drain(timeoutMs) {
      const idle = new Promise<void>((resolve) => {
        onIdle = resolve;
      });
      if (underWay.size === 0) return;
      const timer = setTimeout(() => onIdle?.(), timeoutMs);
      await idle;
      clearTimeout(timer);
    },
  };
}

function isProbe(url: string): boolean {
  return PROBES.includes(URL.parse(url)?.pathname ?? '');
}

function stopping(requestId: string | null): Response {
  const code = 'api.stopping';
  const problem = {
    type: `urn:ivory:problem:${code}`,
    title: 'Service Unavailable',
    status: 503,
    detail: 'This process is about to end; ask again, and another one answers.',
    code,
    request_id: (requestId ?? '').slice(0, 128),
  };
  const headers = { 'Content-Type': 'application/problem+json', 'Retry-After': '1', Connection: 'close' };
  return new Response(JSON.stringify(problem), { status: 503, headers });
}
