import { afterAll, beforeAll, expect, it } from 'vitest';
import { type FoundryFixture, foundryFixture, GOOD_MODEL, type PlanAsked } from './fixture.ts';

const asked: PlanAsked[] = [];
let foundry: FoundryFixture;
beforeAll(async () => {
  foundry = await foundryFixture({
    model: {
      ...GOOD_MODEL,
      plan: (question, nth) => {
        asked.push(question);
        return GOOD_MODEL.plan(question, nth);
      },
    },
  });
});
afterAll(() => foundry.close());

const turn = (role: 'user' | 'assistant', content: string) => ({ role, content });

it('the last four turns reach the planner, in their order', async () => {
  const context = Array.from({ length: 7 }, (_, n) => turn(n % 2 === 0 ? 'user' : 'assistant', `turn ${n}`));
  await foundry.ask('Now only for 2024?', { context });
  expect(asked.at(-1)?.earlier_turns).toEqual(context.slice(3));
});

it('a context of any length is taken', async () => {
  const context = Array.from({ length: 500 }, () => turn('user', 'x'.repeat(1_000)));
  expect(await foundry.ask('And by month?', { context })).toMatchObject({ error: null });
  expect(JSON.stringify(asked.at(-1)).length).toBeLessThan(20_000);
});

it('preferred stores reach the planner', async () => {
  const { notes } = await foundry.ask('Which?', { sources: ['questdb', 'iomete'] });
  expect(notes).toEqual(['questdb is not set up here.']);
  expect(asked.at(-1)?.preferred_targets).toEqual(['questdb', 'iomete']);
});

it('the same question after other turns is another question', async () => {
  await foundry.ask('And then?', { context: [turn('user', 'a')] });
  await foundry.ask('And then?', { context: [turn('user', 'b')] });
  expect(asked.filter(({ question }) => question === 'And then?')).toHaveLength(2);
});

it('of a long turn the beginning is used', async () => {
  await foundry.ask('And the long one?', { context: [turn('user', 'z'.repeat(300_000))] });
  expect(asked.at(-1)?.earlier_turns[0]?.content.length).toBeLessThanOrEqual(4_000);
});
