import type { Deps } from '../../context.ts';
import type { DueConnector, NewRun } from '../../db/queries/due-connectors.ts';
import { type OpenSpan, traceIdOf } from '../../ports/tracing.ts';

/** A run about to be made, and the span that all its work hangs on. */
export interface Dispatch {
  run: NewRun;
  span: OpenSpan;
}

/** What a trigger caused goes on with its request id and in its trace; with a scheduled run both begin here. Whoever opens it ends the span. */
export function openDispatch({ tracing, newId }: Deps, connector: DueConnector): Dispatch {
  const id = newId();
  const trigger = connector.trigger ?? 'schedule';
  const span = tracing.begin('run.dispatch', {
    kind: 'producer',
    parent: connector.cause?.traceparent ?? null,
    attributes: {
      'ivory.tenant_id': connector.tenantId,
      'ivory.connector_id': connector.id,
      'ivory.run_id': id,
      'ivory.trigger': trigger,
    },
  });
  const cause = { requestId: connector.cause?.requestId ?? newId(), traceparent: span.traceparent };
  const { tenantId, slot: scheduledFor } = connector;
  return { run: { id, tenantId, connectorId: connector.id, trigger, scheduledFor, cause }, span };
}

/** Once the transaction has committed. */
export function tellDispatch(
  { log }: Deps,
  { run: { id, tenantId, connectorId, trigger, cause }, span }: Dispatch,
  made: ReadonlySet<string>,
): void {
  if (!made.has(id)) {
    span.fail('run.unfinished');
    return;
  }
  const about = { tenant_id: tenantId, connector_id: connectorId, run_id: id, request_id: cause.requestId };
  log.info({ event: 'run.queued', ...about, trace_id: traceIdOf(cause.traceparent), trigger }, 'run queued');
}
