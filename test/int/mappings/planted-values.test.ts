import { pino } from 'pino';
import { expect, it, onTestFinished } from 'vitest';
import { createOpenAiLlm } from '../../../src/adapters/llm/openai.ts';
import { approveAll } from '../../../src/services/mappings/approve.ts';
import { updateMapping } from '../../../src/services/mappings/update.ts';
import { startOpenAiStub } from '../../harness/openai-stub.ts';
import { addConnector, ctxOf, mappingDeps, OPPORTUNITY, proposed, workOff } from './fixture.ts';

const PLANTED = 'Pl4ntedValue';

it('a sample value is in the examples of its mapping, and in no log line, audit row or question to the model', async () => {
  const stub = await startOpenAiStub(() => ({ json: { mappings: [] } }));
  onTestFinished(stub.close);
  const llm = createOpenAiLlm({ apiKey: 'k', baseUrl: stub.baseUrl, model: 'gpt-4o-mini' });
  const lines: string[] = [];
  const log = pino({ level: 'trace' }, { write: (line) => lines.push(line) });
  const deps = workOff(await mappingDeps({ llm, log }));
  onTestFinished(deps.close);
  const connectorId = await addConnector(deps);
  const schema = `etl_staging_${connectorId.slice(0, 8)}`;
  await deps.database.sql.unsafe(
    `create schema "${schema}"; create table "${schema}"."Opportunity" ("Name" text, "Amount" text);
     insert into "${schema}"."Opportunity" values (' ${PLANTED} ', '${PLANTED}'), ('${PLANTED} 2', '7')`,
  );
  const ctx = ctxOf(deps);
  const { mappings } = await proposed(ctx, { connectorId, ...OPPORTUNITY });
  const mappingId = mappings.find(({ sourceField }) => sourceField === 'Amount')?.id ?? '';
  const patch = { transformFn: 'float(v)' };
  const changed = await updateMapping(ctx, { connectorId, mappingId, patch });
  await approveAll(ctx, { connectorId, choice: { minConfidence: 0 } });
  expect(JSON.stringify(changed.examples)).toContain(PLANTED);
  const rows = await deps.database.sql.unsafe(
    `select to_jsonb(e)::text as row from audit.events e union all select to_jsonb(c)::text from etl.llm_calls c
     union all select to_jsonb(a)::text from etl.llm_answers a union all select to_jsonb(j)::text from etl.mapping_jobs j`,
  );
  const asked = stub.requests.map(({ body }) => body);
  expect([lines.length, rows.length, asked.length].every((count) => count > 0)).toBe(true);
  expect(JSON.stringify([lines, rows, asked])).not.toContain(PLANTED);
});
