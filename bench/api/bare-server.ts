import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { connectorEntry } from '../../src/api/routes/connectors/entry.ts';
import { openDatabase } from '../../src/db/client.ts';
import { insertAuditEvent } from '../../src/db/queries/audit.ts';
import { listConnectors, makeDue } from '../../src/db/queries/connectors.ts';
import { lockConnector } from '../../src/db/queries/run-finish.ts';
import { findUnfinishedRun } from '../../src/db/queries/run-reports.ts';

/** The other side: Hono with nothing in front, the queries, the pool and the rendering of the API. The tenant is what a header says. */
const { db } = openDatabase(process.env['DATABASE_URL'] ?? '');
const app = new Hono();

app.get('/v1/admin/connectors', async (c) => {
  const tenantId = c.req.header('x-tenant') ?? '';
  const rows = await listConnectors(db, { tenantId, limit: null, after: null });
  return c.json({ connectors: rows.map(connectorEntry), count: rows.length });
});

app.post('/v1/admin/connectors/:id/trigger', async (c) => {
  const [tenantId, id] = [c.req.header('x-tenant') ?? '', c.req.param('id')];
  const who = { tenantId, actor: `user:${tenantId}`, requestId: 'bare' };
  const connector = await db.transaction(async (tx) => {
    const locked = await lockConnector(tx, tenantId, id);
    const run = await findUnfinishedRun(tx, tenantId, id);
    if (!run) await makeDue(tx, { tenantId, id, cause: { requestId: 'bare', traceparent: null } });
    await insertAuditEvent(tx, who, { action: 'connector.trigger', subject: id });
    return locked;
  });
  return c.json({ connector_id: id, source_system: connector?.sourceSystem, status: 'queued' }, 202);
});

const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) => {
  process.stdout.write(`ready http://127.0.0.1:${port}\n`);
});
process.once('SIGTERM', () => {
  server.close();
  process.exit(0);
});
