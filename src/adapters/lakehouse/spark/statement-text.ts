import { InvalidError } from '../../../errors.ts';

/** They call any method of Java's, read files, or (identifier) make a name of a text, which is not looked at here. */
const FORBIDDEN = ['reflect', 'reflect2', 'java_method', 'try_reflect', 'in_file', 'identifier'];

/** Spark's own lexical rules (SqlBaseLexer.g4) as far as they say what is inside quotes. */
const TOKEN =
  /(?<comment>--|\/\*)|(?<raw>(?<![\p{L}\p{N}_])[rR](?:'[^']*'|"[^"]*"))|(?<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(?<quoted>`(?:[^`]|``)*`)|(?<name>[\p{L}_][\p{L}\p{N}_]*)|(?<broken>['"`])|./gsu;
/** What `\` before it makes a control character of, or may. */
const CONTROL_ESCAPE = /[nruU0-7]/;
const LINE_END = /[\n\r\u0085\u2028\u2029\v\f]/;

/**
 * Refuses what the check of a statement's plan could be deceived by: a line break inside quotes, which would be printed into the plan as lines
 * of its own, and comments that can be read in more than one way. Throws InvalidError `lakehouse.refused`.
 */
export function checkStatementText(statement: string): void {
  if (statement.includes('\0') || !statement.isWellFormed())
    throw refused('it holds NUL or half a character');
  for (let at = 0; at < statement.length; ) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(statement);
    if (match === null) return;
    const [token] = match;
    at = match.index + token.length;
    const { comment, raw, text, quoted, name, broken } = match.groups ?? {};
    if (comment !== undefined) at = endOfComment(statement, comment, at);
    if (broken !== undefined) throw refused('a quote is not closed');
    if ((raw ?? text ?? quoted) !== undefined && LINE_END.test(token))
      throw refused('a line ends inside quotes');
    if (text !== undefined && hasControlEscape(text))
      throw refused('a text has an escape for a control character');
    checkFunction(name ?? quoted?.slice(1, -1) ?? '');
  }
}

/** Comments that hold nothing which means something outside of them: so it does not matter where exactly they end. */
function endOfComment(statement: string, opening: string, from: number): number {
  const end = opening === '--' ? '\n' : '*/';
  const at = statement.indexOf(end, from);
  const comment = statement.slice(from, at < 0 ? undefined : at);
  if (/['"`\\\r]|\/\*/.test(comment) || (at < 0 && end === '*/'))
    throw refused('a comment holds quotes, a backslash or another comment, or has no end');
  return at < 0 ? statement.length : at + end.length;
}

function hasControlEscape(text: string): boolean {
  return [...text.matchAll(/\\(.)/gs)].some(([, character = '']) => CONTROL_ESCAPE.test(character));
}

function checkFunction(name: string): void {
  if (FORBIDDEN.includes(name.toLowerCase())) throw refused(`${name} cannot be used`);
}

function refused(why: string): InvalidError {
  return new InvalidError('lakehouse.refused', `The query is refused: ${why}.`);
}
