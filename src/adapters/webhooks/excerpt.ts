/** The first of an answer as text that a row and a log can hold; a character that was cut in two is left out. */
export function excerptOf(bytes: Buffer): string {
  const text = new TextDecoder('utf-8').decode(bytes, { stream: true });
  return text
    .replaceAll(/(?![\n\t])\p{Cc}/gu, ' ')
    .replaceAll('\u2028', ' ')
    .replaceAll('\u2029', ' ');
}
