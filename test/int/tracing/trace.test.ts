import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { signToken } from '../../../src/api/token.ts';
import { type Installation, openInstallation, type ScriptedConnector } from '../../harness/installation.ts';
import { type LogLine, logLines } from '../../harness/log-lines.ts';
import { type OtlpReceiver, type ReceivedSpan, startOtlpReceiver } from '../../harness/otlp-receiver.ts';
import { type IvoryProcess, startIvory } from '../../harness/processes.ts';

const POOLS = ['scheduler', 'runner', 'transform'];
const TRACE = '0af7651916cd43dd8448eb211c80319c';
const CLIENT_SPAN = 'b7ad6b7169203331';
const REQUEST = 'order-7-sync';
const EMPTY_NEXT = "update etl.meltano_connectors set next_run_at = null where status = 'active'";

/** Names on stderr every module of OpenTelemetry that a process loads. */
const TELLS_MODULES = `import { registerHooks } from 'node:module';
registerHooks({ load(url, context, next) {
  if (url.includes('@opentelemetry')) process.stderr.write('loaded ' + url + '\\n');
  return next(url, context);
} });`;

describe('a fleet with an endpoint for traces', () => {
  let receiver: OtlpReceiver;
  let installation: Installation;
  let fleet: IvoryProcess[];
  let connector: ScriptedConnector;
  let scheduled: ScriptedConnector;
  const logs = new Map<string, LogLine[]>();

  beforeAll(async () => {
    receiver = await startOtlpReceiver();
    installation = await openInstallation({ queues: 'redis', leaseS: 20 });
    Object.assign(installation.environment, {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_EXPORTER_OTLP_HEADERS: 'x-collector-key=k%3D1',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
    });
    await installation.deps.database.sql.unsafe(EMPTY_NEXT);
    fleet = await Promise.all([
      installation.start('api'),
      ...POOLS.map((pool) => installation.start('worker', pool)),
    ]);
    connector = await installation.connector({ rows: 30 }, { nextRunAt: null });
    await trigger();
    await installation.ended(connector);
    scheduled = await installation.connector({ rows: 3 });
    await installation.nudge('dispatch-due');
    await installation.ended(scheduled);
    for (const process of fleet) {
      expect(await process.end('SIGTERM'), `${process.name}:\n${process.log()}`).toBe(0);
      logs.set(process.name, logLines(process.log()));
    }
  }, 120_000);

  afterAll(async () => {
    await installation?.close();
    await receiver?.close();
  });

  async function trigger(): Promise<void> {
    const [api] = fleet;
    const token = await signToken('s'.repeat(32), { tenantId: 'acme', ttlS: 60 });
    const response = await fetch(`${api?.ready}/v1/admin/connectors/${connector.id}/trigger`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'x-request-id': REQUEST,
        traceparent: `00-${TRACE}-${CLIENT_SPAN}-01`,
      },
    });
    expect(response.status, await response.text()).toBe(202);
  }

  const named = (name: string, traceId = TRACE) =>
    receiver.spans.filter((span) => span.name === name && span.traceId === traceId);
  const only = (name: string, traceId = TRACE): ReceivedSpan => {
    const spans = named(name, traceId);
    expect(spans.length, `spans named ${name}`).toBe(1);
    return spans[0] as ReceivedSpan;
  };
  const runLines = (id: string): LogLine[] =>
    [...logs].flatMap(([name, lines]) =>
      lines.filter((line) => line['connector_id'] === id).map((line) => ({ ...line, name })),
    );

  test('a trigger, its run and the commit are one trace over four processes, each span under the one that caused it', () => {
    const parents: [child: string, parent: string][] = [
      ['run.dispatch', 'POST /v1/admin/connectors/:id/trigger'],
      ['run.execute', 'run.dispatch'],
      ['run.tap', 'run.execute'],
      ['run.staging', 'run.tap'],
      ['run.report', 'run.execute'],
      ['run.load', 'run.dispatch'],
      ['load.table', 'run.load'],
      ['lakehouse.commit', 'load.table'],
      ['run.finish', 'run.load'],
    ];
    for (const [child, parent] of parents)
      expect(only(child).parentSpanId, `${child} is in ${parent}`).toBe(only(parent).spanId);
    expect(only('POST /v1/admin/connectors/:id/trigger').parentSpanId).toBe(CLIENT_SPAN);
    expect(receiver.spans.filter(({ traceId, failed }) => traceId === TRACE && failed)).toEqual([]);
  });

  test('each process names itself, and the collector gets the headers it asks for', () => {
    const roles = new Set(receiver.spans.map(({ attributes }) => attributes['resource.ivory.role']));
    expect(roles).toEqual(new Set(['api', 'worker:scheduler', 'worker:runner', 'worker:transform']));
    for (const { attributes } of receiver.spans)
      expect(attributes).toMatchObject({
        'resource.service.name': 'ivory',
        'resource.deployment.environment.name': 'test',
      });
    for (const headers of receiver.headers) expect(headers['x-collector-key']).toBe('k=1');
  });

  test('the id of the triggering request and its trace are on the lines of every process', () => {
    const lines = runLines(connector.id);
    const events = lines.map(({ event, ...line }) => `${line['name']}: ${event}`);
    expect(events).toEqual(
      expect.arrayContaining([
        'worker scheduler: run.queued',
        'worker runner: run.claimed',
        'worker runner: run.reported',
        'worker transform: run.load_started',
        'worker transform: run.loaded',
        'worker transform: run.ended',
      ]),
    );
    for (const line of lines)
      expect(line, String(line.event)).toMatchObject({
        request_id: REQUEST,
        trace_id: TRACE,
        tenant_id: 'acme',
      });
    const asked = logs.get('api')?.find(({ path }) => String(path).includes(connector.id));
    expect(asked).toMatchObject({
      event: 'request.ended',
      request_id: REQUEST,
      trace_id: TRACE,
      status: 202,
    });
  });

  test('a run by the clock gets its id and its trace when it is dispatched, and keeps them to its end', () => {
    const lines = runLines(scheduled.id);
    const [requestIds, traceIds] = ['request_id', 'trace_id'].map(
      (key) => new Set(lines.map((line) => line[key])),
    );
    expect(requestIds?.size).toBe(1);
    expect(traceIds?.size).toBe(1);
    expect([...(requestIds ?? [])]).not.toContain(REQUEST);
    const [traceId = ''] = [...(traceIds ?? [])].map(String);
    const dispatch = only('run.dispatch', traceId);
    expect(dispatch.parentSpanId).toBeUndefined();
    expect(only('run.execute', traceId).parentSpanId).toBe(dispatch.spanId);
    expect(only('lakehouse.commit', traceId)).toBeDefined();
    expect(new Set(lines.map(({ event }) => event))).toEqual(
      new Set(['run.queued', 'run.claimed', 'run.reported', 'run.load_started', 'run.loaded', 'run.ended']),
    );
  });

  test('every line has an event and the same names for the same things', () => {
    const keys = [...logs.values()].flat().flatMap((line) => {
      expect(line.event, JSON.stringify(line)).toMatch(/^[a-z_]+\.[a-z_]+$/);
      return Object.keys(line);
    });
    expect([...new Set(keys)].filter((key) => !/^[a-z]+(_[a-z]+)*$/.test(key))).toEqual([]);
  });

  test('work goes on as ever where nobody takes the traces, with one warning, and the process ends in time', async () => {
    Object.assign(installation.environment, { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' });
    const worker = await installation.start('worker', ...POOLS);
    const unseen = await installation.connector({ rows: 10 });
    await installation.nudge('dispatch-due');
    expect(await installation.ended(unseen)).toMatchObject({ status: 'completed', rowsLoaded: 10 });
    expect(await worker.end('SIGTERM'), worker.log()).toBe(0);
    const warnings = logLines(worker.log()).filter(({ event }) => event === 'traces.dropped');
    expect(warnings.length).toBeLessThanOrEqual(1);
  }, 90_000);

  test('nothing of the SDK is loaded where no endpoint is set', async () => {
    const { OTEL_EXPORTER_OTLP_ENDPOINT: _, ...environment } = installation.environment;
    const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(TELLS_MODULES)}`;
    const started = await Promise.all([
      startIvory(['worker', 'scheduler'], { ...environment, NODE_OPTIONS }),
      startIvory(['worker', 'scheduler'], { ...installation.environment, NODE_OPTIONS }),
    ]);
    await Promise.all(started.map((process) => process.end('SIGKILL')));
    const [without, with_] = started.map((process) => process.log().match(/^loaded .*$/gm) ?? []);
    // the interfaces alone come with the client of the metrics
    expect(without?.filter((line) => !line.includes('/@opentelemetry/api/'))).toEqual([]);
    expect(with_).toContainEqual(expect.stringContaining('/@opentelemetry/sdk-trace/'));
  }, 60_000);
});
