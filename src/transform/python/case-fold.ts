/** str.casefold(), as Unicode 14 folds. */
export function caseFold(text: string): string {
  return Array.from(text, foldCharacter).join('');
}

function foldCharacter(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  if (code < 0x80) return char.toLowerCase();
  if (code === 0x131) return char;
  if (code === 0x1e9e) return 'ss';
  // Cherokee folds to its capitals, which are the older letters
  if (code >= 0x13a0 && code <= 0x13fd) return char.toUpperCase();
  if (code >= 0xab70 && code <= 0xabbf) return char.toUpperCase();
  return char.toUpperCase().toLowerCase();
}
