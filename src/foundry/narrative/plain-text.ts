const URL = /\b(?:[a-z][a-z\d+.-]{1,15}:\/\/|www\.|(?:mailto|data|javascript):)\S*/gi;
const IMAGE_OR_LINK = /!?\[([^\]]*)\]\s*\([^)]*\)?/g;
const TAG = /<\/?[a-z!][^>]*>?/gi;
const LINE_MARK = /^[ \t]*(?:#{1,6}[ \t]|[-*+>][ \t]|\d{1,2}[.)][ \t](?=\S))+/gm;
/** Control, format (zero width, direction), private and lone characters. */
const INVISIBLE = /(?![\n\t])[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/gu;

/** A stranger's words as one line of plain text: no markup, links, addresses or invisible characters, at most so many characters. */
export function plainText(text: string, maxCharacters: number): string {
  const plain = text
    .slice(0, maxCharacters * 4)
    .replaceAll(INVISIBLE, '')
    .replaceAll(IMAGE_OR_LINK, '$1')
    .replaceAll(URL, '')
    .replaceAll(TAG, '')
    .replaceAll(LINE_MARK, '')
    .replaceAll(/[`*]+|_{2,}|~~/g, '')
    .replaceAll(/\(\s*\)|\[\s*\]/g, '')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/ ([.,;:!?])/g, '$1')
    .trim();
  return plain.length <= maxCharacters
    ? plain
    : `${plain.slice(0, maxCharacters - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
