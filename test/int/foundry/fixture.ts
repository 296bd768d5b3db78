import { createOpenAiLlm } from '../../../src/adapters/llm/openai.ts';
import type { Deps } from '../../../src/context.ts';
import { llmAnswers } from '../../../src/db/schema/index.ts';
import type { StoreAnswer } from '../../../src/ports/query-store.ts';
import {
  type ChatRequest,
  type OpenAiStub,
  type StubAnswer,
  startOpenAiStub,
} from '../../harness/openai-stub.ts';
import {
  type AskedOfStore,
  catalogTable,
  createScriptedStore,
  type ScriptedStore,
  type ScriptedStoreOptions,
  storeAnswer,
} from '../../harness/scripted-store.ts';
import { type ApiFixture, createApiFixture } from '../api/fixture.ts';

export const QUERY = '/v1/foundry/query';

/** The example of the documentation. */
export const SEGMENTS = {
  question: "What were Apple's top 3 revenue segments by growth in FY2024?",
  sql: "SELECT segment_name, revenue_usd_millions, yoy_growth_pct FROM ivory_tenant_acme.revenue_breakdowns WHERE ticker='AAPL' AND fiscal_year=2024 ORDER BY yoy_growth_pct DESC LIMIT 3",
  explanation: 'Returns the top 3 Apple revenue segments ranked by year-over-year growth in FY2024',
  columns: ['segment_name', 'revenue_usd_millions', 'yoy_growth_pct'],
  rows: [
    ['Services', 85200n, { decimal: '14.20' }],
    ['Mac', 29800n, { decimal: '7.10' }],
    ['Wearables', 39800n, { decimal: '3.80' }],
  ] as StoreAnswer['rows'],
  narrative:
    "Apple's Services segment led growth at 14.2% YoY in FY2024, driven by App Store and iCloud subscriptions. Mac returned to growth at 7.1%. Wearables grew modestly at 3.8%.",
};

export function segmentsTable(namespace: string) {
  const columns = {
    segment_name: 'text',
    ticker: 'text',
    fiscal_year: 'integer',
    revenue_usd_millions: 'bigint',
    yoy_growth_pct: 'numeric',
  };
  return catalogTable(`${namespace}.revenue_breakdowns`, columns);
}

/** What a model says: of a plan and of a narrative apart. */
export interface ModelScript {
  plan(asked: PlanAsked, nth: number): unknown;
  narrative?(asked: NarrativeAsked): unknown;
}

export interface PlanAsked {
  question: string;
  earlier_turns: { role: string; content: string }[];
  preferred_targets: string[];
  failed_attempts: { target: string; sql: string; problem: string }[];
  stores: { target: string; available: boolean; tables: { name: string }[] }[];
}

export interface NarrativeAsked {
  question: string;
  columns: string[];
  rows: unknown[][];
}

export interface FoundryFixture extends ApiFixture {
  store: ScriptedStore;
  stub: OpenAiStub;
  // biome-ignore lint/suspicious/noExplicitAny: a test says what it expects of a body field by field
  ask(question: string, more?: Record<string, unknown>, tenant?: string): Promise<any>;
  asksOf(purpose: 'plan' | 'narrative'): ChatRequest[];
  /** Begins anew with another script: nothing was asked, and the model's answers are forgotten. */
  follow(script: Script): Promise<void>;
}

export interface Script {
  model?: ModelScript | ((request: ChatRequest) => StubAnswer | Promise<StubAnswer>);
  answer?(asked: AskedOfStore): StoreAnswer | Promise<StoreAnswer>;
}

export interface FoundryOptions extends Script {
  store?: Partial<ScriptedStoreOptions>;
  overrides?: Partial<Deps>;
  limits?: Partial<Deps['settings']['foundry']>;
}

const planOf = (sql: string) => ({
  kind: 'plan',
  target: 'iomete',
  sql,
  explanation: SEGMENTS.explanation,
  ask: null,
});

export const GOOD_MODEL: ModelScript = {
  plan: () => planOf(SEGMENTS.sql),
  narrative: () => ({ narrative: SEGMENTS.narrative }),
};

export function modelThat(...queries: string[]): ModelScript {
  return { ...GOOD_MODEL, plan: (_, nth) => planOf(queries[Math.min(nth, queries.length) - 1] ?? '') };
}

/** The API with one store, the lakehouse of the document's example, and a model; both say what the test says. */
export async function foundryFixture({
  model = GOOD_MODEL,
  answer = goodAnswer,
  store: storeOptions = {},
  overrides = {},
  limits = {},
}: FoundryOptions = {}): Promise<FoundryFixture> {
  let script: Required<Script> = { model, answer };
  let plans = 0;
  const stub = await startOpenAiStub((request) => {
    const { model } = script;
    if (typeof model === 'function') return model(request);
    const user = JSON.parse(request.messages[1]?.content ?? '');
    if (isPlan(request)) return { json: model.plan(user, ++plans) };
    return { json: model.narrative?.(user) ?? { narrative: SEGMENTS.narrative } };
  });
  const store = createScriptedStore({
    tables: ({ namespaces }) => namespaces.map(segmentsTable),
    answer: (asked) => script.answer(asked),
    ...storeOptions,
  });
  const llm = createOpenAiLlm({ apiKey: 'k', baseUrl: stub.baseUrl, model: 'gpt-4o-mini' });
  const api = await createApiFixture({}, ({ settings }) => ({
    llm,
    stores: [store],
    settings: { ...settings, foundry: { ...settings.foundry, ...limits } },
    ...overrides,
  }));
  return {
    ...api,
    store,
    stub,
    async ask(question, more = {}, tenant = 'acme') {
      const { status, body, text } = await api.call('POST', QUERY, { tenant, body: { question, ...more } });
      if (status !== 200) throw new Error(`${status}: ${text}`);
      return body;
    },
    asksOf: (purpose) =>
      stub.requests.map(({ body }) => body).filter((body) => isPlan(body) === (purpose === 'plan')),
    async follow({ model = GOOD_MODEL, answer = goodAnswer }) {
      script = { model, answer };
      plans = 0;
      store.asked.length = 0;
      stub.requests.length = 0;
      await api.deps.database.db.delete(llmAnswers);
    },
    async close() {
      await api.close();
      await stub.close();
    },
  };
}

const goodAnswer = () => storeAnswer(SEGMENTS.columns, SEGMENTS.rows);

function isPlan({ response_format }: ChatRequest): boolean {
  return response_format?.json_schema?.name === 'query_plan';
}
