import { createRoute, z } from '@hono/zod-openapi';
import { accepts } from 'hono/accepts';
import { streamSSE } from 'hono/streaming';
import { readRunLog } from '../../../services/runs/read-log.ts';
import { problems, SECURITY } from '../../contract.ts';
import type { Api } from '../../env.ts';
import type { StreamSlots } from '../../stream-slots.ts';
import { followRun } from './follow.ts';
import { RunParams } from './params.ts';

const EVENTS = `Events: \`log\` (a line; its id is the line's number), \`gap\` (how many lines are no longer kept), \`progress\` (counts so far, and how fast they grow),
\`end\` (how the run ended). A stream taken up again with Last-Event-ID goes on after that line.`;

const contract = createRoute({
  method: 'get',
  path: '/v1/admin/connectors/{id}/runs/{run_id}/log',
  tags: ['Runs'],
  summary: "Read or follow a run's log",
  description: `The last lines of the tap and of Ivory itself, as text; with \`Accept: text/event-stream\`, as they come until the run ends. ${EVENTS}`,
  security: SECURITY,
  request: {
    params: RunParams,
    headers: z.object({ 'last-event-id': z.string().optional().openapi({ example: '120' }) }),
  },
  responses: {
    200: {
      description: 'The log',
      content: { 'text/plain': { schema: z.string() }, 'text/event-stream': { schema: z.string() } },
    },
    ...problems(404, 429),
  },
});

const TEXT = 'text/plain';
const STREAM = 'text/event-stream';

export function runLogRoute(app: Api, slots: StreamSlots, closing: AbortSignal): void {
  app.openapi(contract, async (c) => {
    const { id, run_id } = c.req.valid('param');
    const run = { connectorId: id, runId: run_id };
    const ctx = c.get('ctx');
    c.header('Vary', 'Accept');
    const first = await readRunLog(ctx, { ...run, seenLines: 0 });
    const type = accepts(c, { header: 'Accept', supports: [TEXT, STREAM], default: TEXT });
    if (type === TEXT || c.req.method === 'HEAD')
      return c.text(first.lines.map(({ text }) => `${text}\n`).join(''), 200);
    const release = slots.take(ctx.tenantId);
    const seenLines = lineOf(c.req.valid('header')['last-event-id'], first.logLines);
    return streamSSE(c, async (stream) => {
      try {
        await followRun(ctx, stream, { ...run, seenLines, closing });
      } catch (error) {
        ctx.log.warn({ event: 'run_log.cut_off', err: error }, 'a log stream was cut off');
      } finally {
        release();
      }
    });
  });
}

/** What is no line of this log starts at its beginning. */
function lineOf(lastEventId: string | undefined, lines: number): number {
  const line = /^\d{1,10}$/.test(lastEventId ?? '') ? Number(lastEventId) : 0;
  return line <= lines ? line : 0;
}
