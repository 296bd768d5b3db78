import { type Ctx, contextFor, type Deps } from '../../context.ts';
import type { RunRow } from '../../db/queries/run-claims.ts';
import type { LogIds } from '../../log.ts';
import { traceIdOf } from '../../ports/tracing.ts';

type Named = Pick<RunRow, 'id' | 'tenantId' | 'connectorId' | 'requestId' | 'traceparent' | 'attempt'>;

/** Does a worker's part of a run: in a span of the trace the run was made in, under the id of the request that caused it. */
export function inRun<T>(
  deps: Deps,
  run: Named,
  { span, actor }: { span: string; actor: string },
  work: (ctx: Ctx) => Promise<T>,
): Promise<T> {
  const { id, tenantId, connectorId, attempt, traceparent } = run;
  const attributes = {
    'ivory.tenant_id': tenantId,
    'ivory.connector_id': connectorId,
    'ivory.run_id': id,
    'ivory.attempt': attempt,
  };
  const about = { connector_id: connectorId, run_id: id, attempt };
  return deps.tracing.span(span, { kind: 'consumer', parent: traceparent, attributes }, () =>
    work(contextFor(deps, { tenantId, actor, requestId: requestIdOf(run), about })),
  );
}

/** For lines about a run by somebody who does not work on it. */
export function runIds(run: Named): LogIds {
  return {
    tenant_id: run.tenantId,
    connector_id: run.connectorId,
    run_id: run.id,
    request_id: requestIdOf(run),
    trace_id: traceIdOf(run.traceparent),
    attempt: run.attempt,
  };
}

/** Runs made before ids were kept have their own. */
function requestIdOf({ id, requestId }: Named): string {
  return requestId ?? id;
}
