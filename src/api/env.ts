import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Ctx } from '../context.ts';

/** What middleware leaves for handlers. `ctx` is there on every route behind the token. */
export interface ApiEnv {
  Variables: {
    requestId: string;
    ctx: Ctx;
  };
}

export type Api = OpenAPIHono<ApiEnv>;
