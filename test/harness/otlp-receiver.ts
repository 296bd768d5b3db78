import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedSpan {
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId: string | undefined;
  failed: boolean;
  /** Of the span and, under `resource.`, of its process. */
  attributes: Record<string, unknown>;
}

/** A collector of traces that speaks OTLP over HTTP, as JSON. */
export interface OtlpReceiver {
  url: string;
  spans: ReceivedSpan[];
  /** Headers of every request. */
  headers: NodeJS.Dict<string | string[]>[];
  /** Bodies as they came. */
  bodies: string[];
  close(): Promise<void>;
}

interface Value {
  stringValue?: string;
  intValue?: number | string;
  boolValue?: boolean;
  doubleValue?: number;
}
type Attributes = { key: string; value: Value }[];
interface Body {
  resourceSpans: {
    resource: { attributes: Attributes };
    scopeSpans: {
      spans: {
        name: string;
        traceId: string;
        spanId: string;
        parentSpanId?: string;
        status?: { code?: number };
        attributes: Attributes;
      }[];
    }[];
  }[];
}

const ERROR = 2;

export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const receiver: Pick<OtlpReceiver, 'spans' | 'headers' | 'bodies'> = { spans: [], headers: [], bodies: [] };
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request.setEncoding('utf8')) text += chunk;
    if (request.url !== '/v1/traces' || request.method !== 'POST') {
      response.writeHead(404).end();
      return;
    }
    receiver.bodies.push(text);
    receiver.headers.push(request.headers);
    receiver.spans.push(...spansIn(JSON.parse(text) as Body));
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    ...receiver,
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function spansIn({ resourceSpans }: Body): ReceivedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map(({ name, traceId, spanId, parentSpanId, status, attributes }) => ({
        name,
        traceId,
        spanId,
        parentSpanId: parentSpanId || undefined,
        failed: status?.code === ERROR,
        attributes: { ...valuesOf(attributes), ...valuesOf(resource.attributes, 'resource.') },
      })),
    ),
  );
}

function valuesOf(attributes: Attributes, prefix = ''): Record<string, unknown> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => [
      prefix + key,
      value.stringValue ?? value.boolValue ?? Number(value.intValue ?? value.doubleValue),
    ]),
  );
}
