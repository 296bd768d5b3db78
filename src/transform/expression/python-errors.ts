/** The engine's own messages that differ from CPython 3.11's, and what CPython says. */
const REWORDED: readonly [RegExp, string][] = [
  [/^cannot use '\w+' as a (?:dict key|set element) \((.*)\)$/, '$1'],
];

/** `TypeName: message`, as Python prints an exception. */
export function errorText(type: string, message: string): string {
  const reworded = REWORDED.reduce((text, [pattern, words]) => text.replace(pattern, words), message);
  return reworded === '' ? type : `${type}: ${reworded}`;
}
