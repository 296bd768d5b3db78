import { afterAll, beforeAll, expect, it } from 'vitest';
import { InvalidError } from '../../../src/errors.ts';
import { storeAnswer } from '../../harness/scripted-store.ts';
import { type FoundryFixture, foundryFixture } from './fixture.ts';

const TENANTS = ['acme', 'rival'] as const;
const ROUNDS = 12;
let foundry: FoundryFixture;
beforeAll(async () => {
  foundry = await foundryFixture({
    limits: { tenantMaxQuestions: 1_000 },
    // each answer is its tenant's own, and a query that names another's table would be noticed here
    answer: async ({ tenant, query }) => {
      const foreign = TENANTS.filter((name) => name !== tenant.tenantId && query.includes(name));
      if (foreign.length > 0) throw new InvalidError('foundry.query_failed', `saw ${foreign.join()}`);
      await new Promise((resume) => setImmediate(resume));
      return storeAnswer(['owner'], [[`row of ${tenant.tenantId}`]]);
    },
    model: ({ messages, response_format }) => {
      const user = JSON.parse(messages[1]?.content ?? '');
      if (response_format?.json_schema?.name !== 'query_plan')
        return { json: { narrative: `Told of ${user.rows[0][0]}.` } };
      const [table] = user.stores[0].tables;
      // every other question is planned on the other tenant's table, which its asker knows by name
      const other = TENANTS.find((name) => !table.name.includes(name));
      const isForeign = user.question.includes('foreign');
      const name = isForeign ? `ivory_tenant_${other}.revenue_breakdowns` : table.name;
      const query = `select ticker as owner from ${name}`;
      return { json: { kind: 'plan', target: 'iomete', sql: query, explanation: `asks ${name}`, ask: null } };
    },
  });
  foundry.deps.settings.llm.tenantMaxCalls = 1_000;
});
afterAll(() => foundry.close());

it('two tenants who ask the same of tables of the same name at once see nothing of each other, kept answers included', {
  timeout: 120_000,
}, async () => {
  const ask = async (tenant: string, n: number) => {
    const other = TENANTS.find((name) => name !== tenant) ?? '';
    const own = await foundry.ask(`What is there? ${n % 3}`, {}, tenant);
    expect(own).toMatchObject({ error: null, result: [[`row of ${tenant}`]] });
    expect(own.narrative).toContain(tenant);
    expect(JSON.stringify(own)).not.toContain(other);
    const foreign = await foundry.ask(`What is there, foreign? ${n % 3}`, {}, tenant);
    expect(foreign).toMatchObject({ result: null, error_code: 'guard.relation_refused' });
  };
  const rounds = Array.from({ length: ROUNDS }, (_, n) => TENANTS.map((tenant) => ask(tenant, n)));
  await Promise.all(rounds.flat());
  for (const { tenant, query } of foundry.store.asked) expect(query).toContain(tenant.tenantId);
  expect(foundry.store.asked).toHaveLength(TENANTS.length * ROUNDS);
});
