import type { Node, Parameter } from './ast.ts';
import { refuse } from './refusal.ts';
import type { Cursor } from './token-cursor.ts';

/** What follows the word lambda: its parameters, a colon, its body. */
export function parseLambda(cursor: Cursor, pos: number): Node {
  const parameters: Parameter[] = [];
  let keywordOnly = false;
  while (!cursor.takeOp(':')) {
    const star = cursor.takeOp('**') ? '**' : cursor.takeOp('*') ? '*' : '';
    if (star === '*' && cursor.isOp(',')) keywordOnly = true;
    else if (cursor.isOp('/'))
      throw refuse('construct_not_supported', '"/" in the parameters of a lambda', cursor.peek().pos);
    else {
      const name = cursor.expectIdentifier();
      if (parameters.some((known) => known.name === name))
        throw refuse('syntax', `Two parameters "${name}"`, pos);
      const fallback = star === '' && cursor.takeOp('=') ? cursor.expression() : null;
      parameters.push({ name, star, keywordOnly, fallback });
      if (star === '*') keywordOnly = true;
    }
    if (!cursor.takeOp(',') && !cursor.isOp(':')) throw cursor.unexpected();
  }
  assertOrder(parameters, pos);
  return { kind: 'lambda', parameters, body: cursor.expression(), pos };
}

function assertOrder(parameters: readonly Parameter[], pos: number): void {
  const plain = parameters.filter(({ star, keywordOnly }) => star === '' && !keywordOnly);
  const firstDefault = plain.findIndex(({ fallback }) => fallback !== null);
  if (firstDefault >= 0 && plain.slice(firstDefault).some(({ fallback }) => fallback === null))
    throw refuse('syntax', 'A parameter without a default follows one with a default', pos);
  const rest = parameters.findIndex(({ star }) => star === '**');
  if (rest >= 0 && rest !== parameters.length - 1)
    throw refuse('syntax', '** must be the last parameter', pos);
}
