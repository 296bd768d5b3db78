import type { IncomingMessage } from 'node:http';
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Ctx } from '../context.ts';

/** What middleware leaves for handlers. `ctx` is there on every route behind the token. */
export interface ApiEnv {
  /** What Node's server gives; nothing where the app is called without one. */
  Bindings: { incoming?: IncomingMessage } | undefined;
  Variables: {
    requestId: string;
    ctx: Ctx;
  };
}

export type Api = OpenAPIHono<ApiEnv>;
