import type { Log } from '../../log.ts';
import { NO_TRACING, type Tracing } from '../../ports/tracing.ts';
import type { OtlpTracingOptions, SamplerName } from './otlp.ts';

/** OpenTelemetry's settings, by their own names. */
export interface TracingSettings {
  OTEL_EXPORTER_OTLP_ENDPOINT?: string | undefined;
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT?: string | undefined;
  OTEL_EXPORTER_OTLP_HEADERS?: string | undefined;
  OTEL_EXPORTER_OTLP_TRACES_HEADERS?: string | undefined;
  OTEL_EXPORTER_OTLP_TIMEOUT: number;
  OTEL_SERVICE_NAME: string;
  OTEL_RESOURCE_ATTRIBUTES?: string | undefined;
  OTEL_TRACES_SAMPLER: SamplerName;
  OTEL_TRACES_SAMPLER_ARG: number;
}

/** Tracing to the configured endpoint. Without one nothing of OpenTelemetry's SDK is loaded. */
export async function openTracing(
  settings: TracingSettings,
  { role, log }: { role: string; log: Log },
): Promise<Tracing> {
  const options = tracingOptions(settings, role);
  if (options === null) return NO_TRACING;
  const { createOtlpTracing } = await import('./otlp.ts');
  return createOtlpTracing({ ...options, log });
}

/** null: nothing is to be traced. */
export function tracingOptions(
  settings: TracingSettings,
  role: string,
): Omit<OtlpTracingOptions, 'log'> | null {
  const url = urlOf(settings);
  if (url === null) return null;
  return {
    url,
    headers: pairs(settings.OTEL_EXPORTER_OTLP_TRACES_HEADERS ?? settings.OTEL_EXPORTER_OTLP_HEADERS),
    timeoutMs: settings.OTEL_EXPORTER_OTLP_TIMEOUT,
    sampler: settings.OTEL_TRACES_SAMPLER,
    ratio: settings.OTEL_TRACES_SAMPLER_ARG,
    resource: {
      ...pairs(settings.OTEL_RESOURCE_ATTRIBUTES),
      'service.name': settings.OTEL_SERVICE_NAME,
      'service.instance.id': `${role}:${process.pid}`,
      'ivory.role': role,
    },
  };
}

function urlOf({
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: own,
  OTEL_EXPORTER_OTLP_ENDPOINT: base,
}: TracingSettings) {
  if (own !== undefined) return own;
  return base === undefined ? null : `${base.replace(/\/+$/, '')}/v1/traces`;
}

/** "a=1,b=2", percent-encoded where need be, as OpenTelemetry writes headers and attributes. */
function pairs(text = ''): Record<string, string> {
  const found = text.split(',').flatMap((pair) => {
    const at = pair.indexOf('=');
    return at > 0 ? [[pair.slice(0, at).trim(), decoded(pair.slice(at + 1).trim())] as const] : [];
  });
  return Object.fromEntries(found);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
