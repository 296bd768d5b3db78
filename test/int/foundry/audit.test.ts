import { and, eq, like } from 'drizzle-orm';
import { afterEach, expect, it } from 'vitest';
import { auditEvents, foundryAnswers } from '../../../src/db/schema/index.ts';
import { InvalidError } from '../../../src/errors.ts';
import { type FoundryFixture, type FoundryOptions, foundryFixture, modelThat, SEGMENTS } from './fixture.ts';

const open: FoundryFixture[] = [];
afterEach(async () => {
  for (const foundry of open.splice(0)) await foundry.close();
});

async function asked(options: FoundryOptions) {
  const foundry = await foundryFixture(options);
  open.push(foundry);
  const body = await foundry.ask('What is the growth of Mac?');
  const { db } = foundry.deps.database;
  const events = await db
    .select()
    .from(auditEvents)
    .where(and(eq(auditEvents.tenantId, 'acme'), like(auditEvents.action, 'foundry.%')))
    .orderBy(auditEvents.id);
  const answers = await db.select().from(foundryAnswers);
  return { body, events, answers };
}

it('an answer leaves a row and an event, neither with anything of its rows', async () => {
  const { body, events, answers } = await asked({});
  expect(events).toMatchObject([
    {
      action: 'foundry.ask',
      subject: body.id,
      actor: 'user:acme',
      detail: {
        outcome: 'answered',
        target: 'iomete',
        planner: 'model',
        code: null,
        row_count: 3,
        repairs: 0,
      },
    },
  ]);
  expect(answers).toMatchObject([
    {
      id: body.id,
      tenantId: 'acme',
      question: 'What is the growth of Mac?',
      outcome: 'answered',
      target: 'iomete',
      query: SEGMENTS.sql,
      rowCount: 3,
      errorCode: null,
    },
  ]);
  expect(answers[0]?.durationMs).toBeGreaterThan(0);
  expect(JSON.stringify([events, answers])).not.toMatch(/29800|Wearables|14\.2/);
  expect(JSON.stringify(events)).not.toContain('growth');
});

it('every refused attempt is told with its code, the one that was repaired too', async () => {
  const { events, answers } = await asked({ model: modelThat('drop table x', 'drop table y') });
  expect(events.map(({ action }) => action)).toEqual([
    'foundry.query_refused',
    'foundry.query_refused',
    'foundry.ask',
  ]);
  expect(events[0]?.detail).toMatchObject({
    target: 'iomete',
    planner: 'model',
    code: expect.stringMatching(/^guard/),
  });
  expect(answers).toMatchObject([{ outcome: 'refused', repairs: 1, query: 'drop table y', rowCount: 0 }]);
});

it('a failed attempt is told too', async () => {
  const { events, answers } = await asked({
    answer: () => {
      throw new InvalidError('foundry.timeout', 'The query took longer than 30 s.');
    },
  });
  expect(events.map(({ action, detail }) => [action, detail['code']])).toEqual([
    ['foundry.query_failed', 'foundry.timeout'],
    ['foundry.ask', 'foundry.timeout'],
  ]);
  expect(answers).toMatchObject([{ outcome: 'failed', errorCode: 'foundry.timeout' }]);
});
