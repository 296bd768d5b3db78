export interface PrintedToken {
  kind: 'word' | 'quoted' | 'other';
  text: string;
  /** Nothing stands between it and the token before. */
  touches: boolean;
}

/** The tokens of a text but for spaces, by a sticky expression that finds one token; null: something in it is none. */
export function printedTokens(text: string, token: RegExp, quotes: '"' | '`'): PrintedToken[] | null {
  const tokens: PrintedToken[] = [];
  const lexer = new RegExp(token);
  let touches = false;
  while (lexer.lastIndex < text.length) {
    const found = lexer.exec(text)?.[0];
    if (found === undefined) return null;
    const [first = ''] = found;
    const isSpace = first === ' ' || first === '\n' || first === '\t' || first === '\r';
    if (!isSpace) tokens.push({ kind: kindOf(first, quotes), text: found, touches });
    touches = !isSpace;
  }
  return tokens;
}

function kindOf(first: string, quotes: string): PrintedToken['kind'] {
  if (first === quotes) return 'quoted';
  return /[\p{L}_]/u.test(first) ? 'word' : 'other';
}
