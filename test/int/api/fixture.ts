import { createPostgresLakehouse } from '../../../src/adapters/lakehouse/postgres.ts';
import { type ApiOptions, createApp } from '../../../src/api/app.ts';
import { signToken } from '../../../src/api/token.ts';
import { contextFor, type Deps } from '../../../src/context.ts';
import { addCatalog } from '../../../src/services/catalogs/add.ts';
import { createTestDeps, type TestDeps } from '../../harness/context.ts';

export const SECRET = 'the-secret-of-the-tests-is-32-chars-long';
export const CONNECTORS = '/v1/admin/connectors';
export const UNKNOWN_ID = 'a1b2c3d4-0000-4000-8000-000000000000';

/** The document's example request, word for word. */
export const DOCUMENTED_CREATE = {
  source_system: 'salesforce',
  tap_name: 'tap-salesforce',
  destination_catalog: 'ivory-lakehouse',
  destination_table: 'salesforce_opportunities',
  sync_schedule: '0 */6 * * *',
};

export interface CallOptions {
  tenant?: string;
  scope?: string;
  token?: string | null;
  /** An object is sent as JSON, a text as it is. */
  body?: unknown;
  headers?: Record<string, string>;
}

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test says what it expects of a body field by field
  body: any;
}

export type Call = (method: string, path: string, options?: CallOptions) => Promise<Answer>;

export interface ApiFixture {
  deps: TestDeps;
  app: ReturnType<typeof createApp>;
  call: Call;
  /** Registers the documented connector, changed as said, and answers the 201 body. */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  create(changes?: Record<string, unknown>, options?: CallOptions): Promise<any>;
  close(): Promise<void>;
}

/** The API on a fresh database with an embedded lakehouse; the tenants acme and rival have the catalog `ivory-lakehouse`. */
export async function createApiFixture(
  options: Partial<ApiOptions> = {},
  overrides: (deps: TestDeps) => Partial<Deps> = () => ({}),
): Promise<ApiFixture> {
  const bare = await createTestDeps();
  const lakehouse = createPostgresLakehouse({ url: bare.databaseUrl });
  const deps: TestDeps = { ...bare, lakehouse, ...overrides({ ...bare, lakehouse }) };
  for (const tenantId of ['acme', 'rival']) {
    await addCatalog(contextFor(deps, { tenantId, actor: 'test' }), { catalogName: 'ivory-lakehouse' });
  }
  const auth = { jwtSecret: SECRET, jwksUrl: null, issuer: null, audience: null };
  const app = createApp(deps, { auth, ...options });
  const call = callerOf(app);
  const create: ApiFixture['create'] = async (changes = {}, callOptions = {}) => {
    const answer = await call('POST', CONNECTORS, {
      body: { ...DOCUMENTED_CREATE, ...changes },
      ...callOptions,
    });
    if (answer.status !== 201) throw new Error(`create answered ${answer.status}: ${answer.text}`);
    return answer.body;
  };
  const close = async () => {
    await lakehouse.close();
    await bare.close();
  };
  return { deps, app, call, create, close };
}

function callerOf(app: ReturnType<typeof createApp>): Call {
  return async (method, path, { tenant = 'acme', scope, token, body, headers = {} } = {}) => {
    const bearer =
      token === undefined ? await signToken(SECRET, { tenantId: tenant, ttlS: 60, scope }) : token;
    const response = await app.request(path, {
      method,
      headers: {
        ...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
    });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: isJson && text !== '' ? JSON.parse(text) : null,
    };
  };
}
