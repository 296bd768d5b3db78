import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace';
import type { Log } from '../../log.ts';
import type { Tracing } from '../../ports/tracing.ts';
import { createOtelTracing } from './otel.ts';
import { quietExporter } from './quiet-exporter.ts';

export type SamplerName =
  | 'always_on'
  | 'always_off'
  | 'traceidratio'
  | 'parentbased_always_on'
  | 'parentbased_always_off'
  | 'parentbased_traceidratio';

export interface OtlpTracingOptions {
  /** Of the traces, whole: http://collector:4318/v1/traces */
  url: string;
  headers: Record<string, string>;
  timeoutMs: number;
  sampler: SamplerName;
  /** 0 to 1: the part of traces begun here that is kept. */
  ratio: number;
  resource: Record<string, string>;
  log: Log;
}

/** Traces sent to a collector by OTLP over HTTP, as JSON. */
export function createOtlpTracing(options: OtlpTracingOptions): Tracing {
  const { url, headers, timeoutMs, sampler, ratio, resource, log } = options;
  const exporter = new OTLPTraceExporter({ url, headers, timeoutMillis: timeoutMs, concurrencyLimit: 2 });
  return createOtelTracing({
    exporter: quietExporter(exporter, log),
    sampler: samplerOf(sampler, ratio),
    resource,
  });
}

function samplerOf(name: SamplerName, ratio: number): Sampler {
  switch (name) {
    case 'always_on':
      return new AlwaysOnSampler();
    case 'always_off':
      return new AlwaysOffSampler();
    case 'traceidratio':
      return new TraceIdRatioBasedSampler(ratio);
    case 'parentbased_always_on':
      return new ParentBasedSampler({ root: new AlwaysOnSampler() });
    case 'parentbased_always_off':
      return new ParentBasedSampler({ root: new AlwaysOffSampler() });
    case 'parentbased_traceidratio':
      return new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) });
  }
}
