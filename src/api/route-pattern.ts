import type { Context } from 'hono';
import { matchedRoutes } from 'hono/route';

/** What stands for each path of the dashboard: its own routes are its vendor's. */
const BOARD = '/admin/queues';

/** The pattern of the route that answers ("/v1/etl/meltano/connectors/:id"), never a path with ids. "none": no route does. */
export function routePattern(c: Context): string {
  const path = matchedRoutes(c).at(-1)?.path ?? '*';
  if (c.req.path === BOARD || c.req.path.startsWith(`${BOARD}/`)) return `${BOARD}/*`;
  return path.includes('*') ? 'none' : path;
}
