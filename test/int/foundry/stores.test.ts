import { afterAll, beforeAll, expect, it } from 'vitest';
import { UnavailableError } from '../../../src/errors.ts';
import { catalogTable, createScriptedStore, storeAnswer } from '../../harness/scripted-store.ts';
import { type FoundryFixture, foundryFixture, type PlanAsked, segmentsTable } from './fixture.ts';

const asked: PlanAsked[] = [];
let questdbIsDown = false;
const lakehouse = createScriptedStore({
  tables: ({ namespaces }) => namespaces.map(segmentsTable),
  answer: () => storeAnswer(['n'], [[1n]]),
});
const questdb = createScriptedStore({
  target: 'questdb',
  dialect: 'questdb',
  tables: () => {
    if (questdbIsDown) throw new UnavailableError('foundry.store_unavailable', 'gone');
    const columns = { ts: 'TIMESTAMP', price: 'DOUBLE' };
    return [catalogTable('ivory_tenant_acme.trades', columns, { timeColumn: 'ts' })];
  },
  answer: () => storeAnswer(['average'], [[2.5]]),
});

let foundry: FoundryFixture;
beforeAll(async () => {
  foundry = await foundryFixture({
    overrides: { stores: [lakehouse, questdb] },
    model: {
      plan: (question) => {
        asked.push(question);
        const isPrice = question.question.includes('price');
        return {
          kind: 'plan',
          target: isPrice ? 'questdb' : 'iomete',
          sql: isPrice
            ? 'select avg(price) as average from "ivory_tenant_acme.trades"'
            : 'select count(*) as n from ivory_tenant_acme.revenue_breakdowns',
          explanation: 'As asked.',
          ask: null,
        };
      },
      narrative: () => ({ narrative: 'There it is.' }),
    },
  });
});
afterAll(() => foundry.close());

it('each question goes to the store that holds its answer, in its language', async () => {
  expect(await foundry.ask('How many rows?')).toMatchObject({ plan: { target: 'iomete' }, result: [[1]] });
  expect(await foundry.ask('Average price?')).toMatchObject({ plan: { target: 'questdb' }, result: [[2.5]] });
  expect(asked.at(-1)?.stores.map(({ target, available }) => [target, available])).toEqual([
    ['iomete', true],
    ['questdb', true],
  ]);
});

it('while one store is down the others answer, the answer says which is missing, and a question for it is told so', async () => {
  questdbIsDown = true;
  // another namespace is another catalog: what was known before is not shown
  const tenant = 'rival';
  const answer = await foundry.ask('How many rows in rival?', {}, tenant);
  expect(answer.unavailable).toEqual(['questdb']);
  const body = await foundry.ask('Average price now?', {}, tenant);
  expect(body).toMatchObject({
    result: null,
    unavailable: ['questdb'],
    error_code: 'foundry.store_unavailable',
    error: expect.stringContaining('questdb'),
  });
  expect(asked.at(-1)?.stores.map(({ target, available }) => [target, available])).toEqual([
    ['iomete', true],
    ['questdb', false],
  ]);
});
