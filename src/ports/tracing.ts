/** Spans of one piece of work over processes. The context travels as a W3C `traceparent` in rows and headers, never in a job. */
export interface Tracing {
  /** Runs `work` in a span under `parent`, else under the span it is called in. A throw marks the span as failed and goes on. */
  span<T>(name: string, options: SpanOptions, work: (span: Span) => Promise<T>): Promise<T>;
  /** A span of what no function encloses: whoever begins it ends it. What is called meanwhile is not in it. */
  begin(name: string, options: SpanOptions): OpenSpan;
  /** The `traceparent` of the span this is called in; null outside of one, or where nothing is traced. */
  current(): string | null;
  /** Sends what is still held, in 3 s at most. */
  close(): Promise<void>;
}

export interface SpanOptions {
  kind?: 'server' | 'client' | 'producer' | 'consumer';
  /** `traceparent` of the span that caused this one; what is no traceparent is none. */
  parent?: string | null;
  attributes?: SpanAttributes;
}

/** Never a secret, never what a row, a question or a config holds. undefined: not known, and left out. */
export type SpanAttributes = Record<string, string | number | boolean | undefined>;

export interface Span {
  set(attributes: SpanAttributes): void;
  /** Another name, when it is known only at the end what was done. */
  rename(name: string): void;
  /** The work did not do what it was for, though it did not throw: with a stable code, never a message. */
  fail(code: string): void;
}

export interface OpenSpan extends Span {
  traceparent: string | null;
  end(): void;
}

const NO_SPAN: Span = { set() {}, rename() {}, fail() {} };

/** Where no endpoint is configured. */
export const NO_TRACING: Tracing = {
  span: (_name, _options, work) => work(NO_SPAN),
  begin: () => ({ ...NO_SPAN, traceparent: null, end() {} }),
  current: () => null,
  close: async () => {},
};

/** The trace a `traceparent` names. */
export function traceIdOf(traceparent: string | null): string | undefined {
  return traceparent?.split('-')[1];
}
