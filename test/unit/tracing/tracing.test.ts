import { describe, expect, test } from 'vitest';
import { tracingOptions } from '../../../src/adapters/tracing/open-tracing.ts';
import { quietExporter } from '../../../src/adapters/tracing/quiet-exporter.ts';
import { formatTraceparent, parseTraceparent } from '../../../src/adapters/tracing/traceparent.ts';
import type { Log } from '../../../src/log.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';

describe('a traceparent', () => {
  test('is read as it is written', () => {
    const text = `00-${TRACE}-${SPAN}-01`;
    const context = parseTraceparent(text);
    expect(context).toEqual({ traceId: TRACE, spanId: SPAN, traceFlags: 1 });
    expect(context && formatTraceparent(context)).toBe(text);
  });

  test('of a later version is read as far as it is known', () => {
    expect(parseTraceparent(`01-${TRACE}-${SPAN}-03-more`)).toMatchObject({ traceId: TRACE, traceFlags: 1 });
  });

  test.each([
    null,
    undefined,
    '',
    'x',
    `00-${'0'.repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `ff-${TRACE}-${SPAN}-01`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}-01-more`,
    `00-${TRACE}-${SPAN}`,
  ])('%j is none', (text) => {
    expect(parseTraceparent(text)).toBeNull();
  });
});

describe('the settings of tracing', () => {
  const settings = {
    OTEL_EXPORTER_OTLP_TIMEOUT: 5_000,
    OTEL_SERVICE_NAME: 'ivory',
    OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
    OTEL_TRACES_SAMPLER_ARG: 0.1,
  } as const;

  test('without an endpoint trace nothing', () => {
    expect(tracingOptions(settings, 'api')).toBeNull();
  });

  test('name a path for traces under the common endpoint, and take their own as it is', () => {
    const common = { ...settings, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318/base/' };
    expect(tracingOptions(common, 'api')?.url).toBe('http://c:4318/base/v1/traces');
    const own = { ...common, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://t:1/x' };
    expect(tracingOptions(own, 'api')?.url).toBe('http://t:1/x');
  });

  test('read headers and attributes as OpenTelemetry writes them', () => {
    const options = tracingOptions(
      {
        ...settings,
        OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c',
        OTEL_EXPORTER_OTLP_HEADERS: 'a=1, b=x%20y=z,broken',
        OTEL_RESOURCE_ATTRIBUTES: 'service.name=other,zone=eu',
      },
      'worker:runner',
    );
    expect(options?.headers).toEqual({ a: '1', b: 'x y=z' });
    expect(options?.resource).toMatchObject({
      'service.name': 'ivory',
      zone: 'eu',
      'ivory.role': 'worker:runner',
    });
  });
});

test('an endpoint that takes nothing is told of once a minute, with what was dropped since', () => {
  const lines: unknown[] = [];
  const log = { warn: (fields: unknown) => lines.push(fields) } as unknown as Log;
  let now = 0;
  const failing = {
    export: (_: unknown, done: (result: { code: number; error: Error }) => void) =>
      done({ code: 1, error: new Error('away') }),
    shutdown: async () => {},
  };
  const exporter = quietExporter(failing, log, () => now);
  const send = () => exporter.export(new Array(10).fill({}), ({ code }) => expect(code).toBe(0));
  for (; now <= 60_000; now += 10_000) send();
  expect(lines).toMatchObject([{ spans: 10 }, { spans: 60 }]);
});
