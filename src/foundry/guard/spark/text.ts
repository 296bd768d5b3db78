import { printedTokens } from '../printed-tokens.ts';
import { refuse } from '../verdict.ts';
import { FUNCTIONS, TABLE_FUNCTIONS, WORDS_BEFORE_BRACKETS } from './functions.ts';

/** Spark's own lexer, as far as the text of a checked query goes. */
const TOKEN =
  /(?:[ \n\t\r]+)|(?:'(?:[^'\\]|\\[\s\S])*'|"(?:[^"\\]|\\[\s\S])*")|(?:`(?:[^`]|``)*`)|(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[A-Za-z]{0,2})|(?:[A-Za-z_][A-Za-z0-9_]*)|(?:->)|(?:<=>|<>|!=|<=|>=|==|\|\||[-+*/%&|^~<>=(),.[\]:])/uy;

/**
 * Reads the text that is to run once more, by tokens and without the tree: no comment, no semicolon, no variable, no call of what is not
 * allowed. Says nothing the tree did not say before, unless the printer or the parser was wrong.
 */
export function assertSafeText(text: string, ctes: ReadonlySet<string>): void {
  if (text.includes('${'))
    refuse(
      'guard.construct_refused',
      'The query holds a dollar and a brace, which Spark would replace by a setting.',
    );
  const tokens = printedTokens(text, TOKEN, '`') ?? refuseText();
  for (const [i, { kind, text: word }] of tokens.entries()) {
    if (word === '-' && tokens[i + 1]?.text === '-' && tokens[i + 1]?.touches) refuseText();
    if (word === '/' && tokens[i + 1]?.text.startsWith('*')) refuseText();
    if (tokens[i + 1]?.text !== '(' || (kind !== 'word' && kind !== 'quoted')) continue;
    const before = tokens[i - 1]?.text.toLowerCase() ?? '';
    const name = word.toLowerCase();
    const isNamed = before === 'as' || before === 'with' || ctes.has(unquoted(name));
    const isCall =
      kind === 'word' &&
      (FUNCTIONS.has(name) || TABLE_FUNCTIONS.has(name) || WORDS_BEFORE_BRACKETS.has(name));
    if (!isNamed && !isCall)
      refuse('guard.function_refused', 'The query calls what is not among the functions allowed.');
  }
}

function unquoted(name: string): string {
  return name.startsWith('`') ? name.slice(1, -1).replaceAll('``', '`') : name;
}

function refuseText(): never {
  return refuse('guard.construct_refused', 'The query cannot be printed safely: simplify it.');
}
