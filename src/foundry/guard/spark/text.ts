import { refuse } from '../verdict.ts';
import { FUNCTIONS, TABLE_FUNCTIONS, WORDS_BEFORE_BRACKETS } from './functions.ts';

/** Spark's own lexer, as far as the text of a checked query goes. */
const TOKEN =
  /(?<space>[ \n\t\r]+)|(?<string>'(?:[^'\\]|\\[\s\S])*'|"(?:[^"\\]|\\[\s\S])*")|(?<quoted>`(?:[^`]|``)*`)|(?<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[A-Za-z]{0,2})|(?<word>[A-Za-z_][A-Za-z0-9_]*)|(?<arrow>->)|(?<sign><=>|<>|!=|<=|>=|==|\|\||[-+*/%&|^~<>=(),.[\]:])/uy;

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
  const tokens = tokensOf(text);
  for (const [i, { kind, text: word }] of tokens.entries()) {
    if (kind === 'sign' && word === '-' && tokens[i + 1]?.text === '-' && tokens[i + 1]?.touches)
      refuseText();
    if (kind === 'sign' && word === '/' && tokens[i + 1]?.text.startsWith('*')) refuseText();
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

interface Token {
  kind: string;
  text: string;
  /** Nothing stands between it and the token before. */
  touches: boolean;
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let touches = false;
  TOKEN.lastIndex = 0;
  const lexer = new RegExp(TOKEN);
  while (lexer.lastIndex < text.length) {
    const found = lexer.exec(text);
    if (found === null) return refuseText();
    const [kind = ''] = Object.entries(found.groups ?? {}).find(([, part]) => part !== undefined) ?? [];
    if (kind !== 'space') tokens.push({ kind, text: found[0], touches });
    touches = kind !== 'space';
  }
  return tokens;
}

function unquoted(name: string): string {
  return name.startsWith('`') ? name.slice(1, -1).replaceAll('``', '`') : name;
}

function refuseText(): never {
  return refuse('guard.construct_refused', 'The query cannot be printed safely: simplify it.');
}
