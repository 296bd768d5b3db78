import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type Context,
  type Span as OtelSpan,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  type Sampler,
  type SpanExporter,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { AppError } from '../../errors.ts';
import type { Span, SpanAttributes, SpanOptions, Tracing } from '../../ports/tracing.ts';
import { formatTraceparent, parseTraceparent } from './traceparent.ts';

export interface OtelTracingOptions {
  exporter: SpanExporter;
  sampler: Sampler;
  /** What this process is: service.name and the like. */
  resource: Record<string, string>;
}

const KINDS = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
} as const;

/** What is held at most, 2 KB a span; what comes beyond it is dropped. */
const HELD_SPANS = 4_096;
const SPANS_A_BATCH = 512;
const SEND_EVERY_MS = 2_000;
const SEND_TIMEOUT_MS = 10_000;
const CLOSE_MS = 3_000;
const MAX_ATTRIBUTE_CHARACTERS = 256;

/**
 * OpenTelemetry behind the port, without its globals: each of these is its own. Work never waits for an exporter: spans are held in a bounded
 * queue and sent in batches. An error's code and class are told, never its message: that may hold what is the tenant's.
 */
export function createOtelTracing({ exporter, sampler, resource }: OtelTracingOptions): Tracing {
  const provider = new TracerProvider({
    resource: resourceFromAttributes(resource),
    sampler,
    spanLimits: { attributeValueLengthLimit: MAX_ATTRIBUTE_CHARACTERS },
    spanProcessors: [
      new BatchSpanProcessor({
        exporter,
        maxQueueSize: HELD_SPANS,
        maxExportBatchSize: SPANS_A_BATCH,
        scheduledDelayMillis: SEND_EVERY_MS,
        exportTimeoutMillis: SEND_TIMEOUT_MS,
      }),
    ],
  });
  const tracer = provider.getTracer('ivory');
  const active = new AsyncLocalStorage<Context>();

  function start(name: string, { kind, parent, attributes }: SpanOptions): [OtelSpan, Context] {
    const remote = parseTraceparent(parent);
    const context = remote
      ? trace.setSpanContext(ROOT_CONTEXT, { ...remote, isRemote: true })
      : (active.getStore() ?? ROOT_CONTEXT);
    const span = tracer.startSpan(
      name,
      { kind: kind ? KINDS[kind] : SpanKind.INTERNAL, attributes: known(attributes) },
      context,
    );
    return [span, trace.setSpan(context, span)];
  }

  return {
    async span(name, options, work) {
      const [span, context] = start(name, options);
      try {
        return await active.run(context, () => work(handleOf(span)));
      } catch (error) {
        failWith(span, error instanceof AppError ? error.code : nameOf(error));
        throw error;
      } finally {
        span.end();
      }
    },
    begin(name, options) {
      const [span] = start(name, options);
      return { ...handleOf(span), traceparent: formatTraceparent(span.spanContext()), end: () => span.end() };
    },
    current() {
      const context = active.getStore();
      const spanContext = context && trace.getSpanContext(context);
      return spanContext ? formatTraceparent(spanContext) : null;
    },
    close: () => withinTime(provider.shutdown()),
  };
}

function handleOf(span: OtelSpan): Span {
  return {
    set: (attributes) => void span.setAttributes(known(attributes)),
    rename: (name) => void span.updateName(name),
    fail: (code) => failWith(span, code),
  };
}

function failWith(span: OtelSpan, code: string): void {
  span.setAttribute('error.type', code);
  span.setStatus({ code: SpanStatusCode.ERROR, message: code });
}

function known(attributes: SpanAttributes = {}): Record<string, string | number | boolean> {
  const pairs = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, value] as const],
  );
  return Object.fromEntries(pairs);
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown';
}

/** What an endpoint that does not answer has not taken by then is lost: a deploy does not wait for it. */
async function withinTime(closing: Promise<unknown>): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, CLOSE_MS);
  await Promise.race([closing.catch(() => {}), late]);
  clearTimeout(timer);
}
