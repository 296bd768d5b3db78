import { C, columnSlot, E, N, P, pick, type Reading, rule, T, VERB } from './reading.ts';

/** "active customers", "employees who are not active": columns of yes and no. */
export function readFlags(reading: Reading): void {
  const add = (tag: string, value: boolean) => {
    const [best] = columnSlot(reading, tag)?.candidates ?? [];
    const entry = best?.entry.kind === 'boolean' ? pick(reading, tag, ['boolean']) : null;
    if (entry) reading.draft.filters.push({ kind: 'flag', entry, value });
    return entry !== null;
  };
  rule(reading, `(?<not>not |non |in)?(?<c>${C})(?= (?:${E}|${P}))`, ({ not, c = '' }) =>
    add(c, not === undefined),
  );
  rule(reading, `(?:is|are|was|were|which|that|who|only|just) (?<not>not )?(?<c>${C})`, ({ not, c = '' }) =>
    add(c, not === undefined),
  );
  rule(reading, `(?<c>${C}) (?:is|are|was|=|equals) (?<value>true|false|yes|no)`, ({ c = '', value = '' }) =>
    add(c, /true|yes/i.test(value)),
  );
}

/** "movies released in", "distributors that released at least": a date's verb with no date beside it says nothing of its own. */
export function dropVerbs(reading: Reading): void {
  rule(reading, `(?<c>${C})(?! (?:${T}|hour|day|week|month|quarter|year|${N}(?! )))`, ({ c = '' }) => {
    const slot = columnSlot(reading, c);
    const words = slot?.words.toLowerCase() ?? '';
    return new RegExp(`^${VERB}$`).test(words) && slot?.candidates[0]?.entry.kind === 'time' ? words : false;
  });
}
