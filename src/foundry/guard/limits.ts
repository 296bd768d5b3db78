import { refuse } from './verdict.ts';

/** Far above any query a planner writes, far below what makes a parser suffer. */
export const MAX_QUERY_CHARACTERS = 20_000;
const MAX_BRACKET_DEPTH = 60;
const MAX_OPERATORS = 2_000;

/**
 * Refuses, before any parser sees it, a text that could hurt one: too long, NUL or half a character in it, brackets too deep, endless
 * chains of operators. It reads over quotes, so it errs on the side of refusing.
 */
export function assertParsable(query: string): void {
  if (query.length > MAX_QUERY_CHARACTERS)
    refuse(
      'guard.too_long',
      `The query has ${query.length} characters; at most ${MAX_QUERY_CHARACTERS} are read.`,
    );
  if (query.trim() === '') refuse('guard.unparsable', 'The query is empty.');
  if (query.includes('\0') || !query.isWellFormed())
    refuse('guard.unparsable', 'The query holds characters that are no text.');
  if (bracketDepth(query) > MAX_BRACKET_DEPTH)
    refuse('guard.too_deep', `The query is nested more than ${MAX_BRACKET_DEPTH} brackets deep.`);
  const operators =
    query.match(/[-+*/%|&^~!<>=]+|\b(?:and|or|not|xor|union|except|intersect|case)\b/gi)?.length ?? 0;
  if (operators > MAX_OPERATORS)
    refuse('guard.too_deep', `The query has more than ${MAX_OPERATORS} operators.`);
}

function bracketDepth(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const character of text) {
    if (character === '(' || character === '[' || character === '{') deepest = Math.max(deepest, ++depth);
    else if (character === ')' || character === ']' || character === '}') depth = Math.max(0, depth - 1);
  }
  return deepest;
}
