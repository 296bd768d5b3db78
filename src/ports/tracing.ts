/** Spans of one piece of work over processes. The context travels as a W3C `traceparent` in rows and headers, never in a job. */
export interface Tracing {
  /** Runs `work` in a span under `parent`, else under the span it is called in. A throw marks the span as failed and goes on. */
  span<T>(name: string, options: SpanOptions, work: (span: Span) => Promise<T>): Promise<T>;
  /** The `traceparent` of the span this is called in; null outside of one, or where nothing is traced. */
  current(): string | null;
  /** Sends what is still held. */
  close(): Promise<void>;
}

export interface SpanOptions {
  kind?: 'server' | 'client' | 'producer' | 'consumer';
  /** `traceparent` of the span that caused this one. */
  parent?: string | null;
  attributes?: SpanAttributes;
}

export type SpanAttributes = Record<string, string | number | boolean>;

export interface Span {
  set(attributes: SpanAttributes): void;
  /** The work did not do what it was for, though it did not throw. */
  fail(message: string): void;
}

const NO_SPAN: Span = { set() {}, fail() {} };

/** Where no endpoint is configured. */
export const NO_TRACING: Tracing = {
  span: (_name, _options, work) => work(NO_SPAN),
  current: () => null,
  close: async () => {},
};
