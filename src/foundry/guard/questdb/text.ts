import { printedTokens } from '../printed-tokens.ts';
import { refuse } from '../verdict.ts';
import { FUNCTIONS, TABLE_FUNCTIONS, TYPES, WORDS_BEFORE_BRACKETS } from './functions.ts';

/** QuestDB's own lexer, as far as the text of a checked query goes. */
const TOKEN =
  /(?:[ \n\t\r]+)|(?:'(?:[^']|'')*')|(?:"[^"]*")|(?:(?:\d[\d_]*(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?[A-Za-z]{0,2})|(?:[\p{L}_][\p{L}\p{M}\p{N}_]*)|(?:##?[0-9a-zA-Z]+)|(?:::|<>|!=|!~|<=|>=|<<|>>|\|\||[-+*/%&|^~<>=(),.[\]:])/uy;

/**
 * Reads the text that is to run once more, by tokens and without the tree: no comment, no semicolon, no variable, no call of what is not
 * allowed. Says nothing the tree did not say before, unless the printer or the parser was wrong.
 */
export function assertSafeText(text: string): void {
  const tokens = printedTokens(text, TOKEN, '"') ?? refuseText();
  for (const [i, { kind, text: word }] of tokens.entries()) {
    const next = tokens[i + 1];
    if ((word === '-' && next?.text === '-' && next.touches) || (word === '/' && next?.text === '*'))
      refuseText();
    if (next?.text !== '(' || (kind !== 'word' && kind !== 'quoted')) continue;
    const name = word.toLowerCase();
    const isCall = [FUNCTIONS, TABLE_FUNCTIONS, TYPES, WORDS_BEFORE_BRACKETS].some((names) =>
      names.has(name),
    );
    if (!isCall) refuse('guard.function_refused', 'The query calls what is not among the functions allowed.');
  }
}

function refuseText(): never {
  return refuse('guard.construct_refused', 'The query cannot be printed safely: simplify it.');
}
