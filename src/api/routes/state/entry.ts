import { z } from '@hono/zod-openapi';
import { type JsonText, parseLossless } from '../../../domain/lossless-json.ts';

/** A Singer state in an answer: numbers as the tap wrote them. */
export const StateValue = z
  .unknown()
  .openapi({ type: ['object', 'null'], description: 'The Singer state, numbers as the tap wrote them.' });

export const State = z.object({ state: StateValue, version: z.int() }).openapi('State');

export function stateValue(state: JsonText | null): unknown {
  return state === null ? null : parseLossless(state);
}

export function stateEntry({ state, version }: { state: JsonText | null; version: number }) {
  return { state: stateValue(state), version };
}
