import type { IncomingMessage } from 'node:http';
import type { MetricsPage } from '../ports/metrics.ts';
import type { Health } from '../services/health/health.ts';
import { readinessForm } from '../services/health/readiness-form.ts';

export interface Answer {
  status: number;
  contentType: string;
  headers?: Record<string, string>;
  body: string;
}

export interface Told {
  health: Health;
  metricsPage: MetricsPage;
}

const JSON_TYPE = 'application/json';
const METHODS: readonly string[] = ['GET', 'HEAD'];

export async function answerFor(
  { method = '', url = '', headers }: IncomingMessage,
  told: Told,
): Promise<Answer> {
  const path = url.split('?', 1)[0] ?? '';
  const answer = Object.hasOwn(PATHS, path) ? PATHS[path] : undefined;
  if (answer === undefined) return problem(404, 'route.not_found');
  if (!METHODS.includes(method))
    return { ...problem(405, 'request.method_not_allowed'), headers: { allow: METHODS.join(', ') } };
  return answer(told, headers.authorization);
}

type Answering = (told: Told, authorization: string | undefined) => Promise<Answer>;

const PATHS: Readonly<Partial<Record<string, Answering>>> = {
  '/healthz': async ({ health }) => {
    const reason = health.sickness();
    return reason === null ? json(200, { status: 'ok' }) : json(503, { status: 'sick', reason });
  },
  '/readyz': async ({ health }) => {
    const readiness = await health.readiness();
    return json(readiness.ready ? 200 : 503, readinessForm(readiness));
  },
  '/metrics': async ({ metricsPage }, authorization) => {
    if (metricsPage.allows(authorization))
      return { status: 200, contentType: metricsPage.contentType, body: await metricsPage.text() };
    return { ...problem(401, 'auth.missing'), headers: { 'www-authenticate': 'Bearer realm="metrics"' } };
  },
};

function json(status: number, body: unknown): Answer {
  return { status, contentType: JSON_TYPE, body: JSON.stringify(body) };
}

function problem(status: number, code: string): Answer {
  const body = { type: `urn:ivory:problem:${code}`, status, code };
  return { status, contentType: 'application/problem+json', body: JSON.stringify(body) };
}
