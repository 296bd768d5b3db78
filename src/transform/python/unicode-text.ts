/** What Python's str does with characters beyond ASCII: classes, digits, title case, white space. Compared with CPython 3.11 on every assigned code point. */
export const isDecimalText = (text: string) => /^\p{Nd}+$/u.test(text);
export const isDigitText = (text: string) => text !== '' && [...text].every(isDigit);
export const isNumericText = (text: string) => text !== '' && [...text].every(isNumeric);
export const isAlphaText = (text: string) => /^\p{L}+$/u.test(text);
export const isAlnumText = (text: string) => text !== '' && [...text].every(isAlnum);
export const isIdentifierText = (text: string) => /^[\p{XID_Start}_]\p{XID_Continue}*$/u.test(text);
export const isPrintableText = (text: string) => !UNPRINTABLE.test(text);
export const isSpaceText = (text: string) => text !== '' && [...text].every(isSpace);
export const titleText = (text: string) =>
  text.replace(/[\p{Lowercase}\p{Uppercase}\p{Lt}]+/gu, capitalizeText);
export const escapeUnprintable = (text: string) =>
  UNPRINTABLE.test(text) ? text.replace(EVERY_UNPRINTABLE, escaped) : text;
/** Digits of any script made ASCII, as int() and float() read them. */
export const asciiDigits = (text: string) =>
  text.replace(/[^\P{Nd}0-9]/gu, (digit) => String(digitValue(digit)));

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const UNPRINTABLE = /[\x00-\x1f\x7f\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u;
const EVERY_UNPRINTABLE = new RegExp(UNPRINTABLE, 'gu');
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const SPACE = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

export function isSpace(char: string): boolean {
  return SPACE.test(char);
}

export function isAlnum(char: string): boolean {
  return /\p{L}/u.test(char) || isNumeric(char);
}

/** Without white space at the start (-1), the end (1) or both (0). */
export function stripSpace(text: string, side: -1 | 0 | 1): string {
  let start = 0;
  let end = text.length;
  if (side <= 0) while (start < end && isSpace(text.charAt(start))) start++;
  if (side >= 0) while (end > start && isSpace(text.charAt(end - 1))) end--;
  return text.slice(start, end);
}

/** Numeric_Type=Digit outside Nd. */
const DIGITS =
  /[²³¹\u1369-\u1371\u19da⁰⁴-⁹₀-₉①-⑨⑴-⑼⒈-⒐⓪⓵-⓽⓿❶-❾➀-➈➊-➒\u{10a40}-\u{10a43}\u{10e60}-\u{10e68}\u{11052}-\u{1105a}\u{1f100}-\u{1f10a}]/u;

/** Ideographs with Numeric_Type=Numeric. */
const NUMERALS =
  /[㐅㒃㠪㭍一七万三九二五亖亿-什仟仨伍佰億兆兩八六十卄-卆南叁-叄四壱壹幺廾-廿弌-弎弐拾捌柒漆玖百肆萬貮貳贰阡陆陌陸零\u{f96b}\u{f973}\u{f978}\u{f9b2}\u{f9d1}\u{f9d3}\u{f9fd}\u{20001}\u{20064}\u{200e2}\u{20121}\u{2092a}\u{20983}\u{2098c}\u{2099c}\u{20aea}\u{20afd}\u{20b19}\u{22390}\u{22998}\u{23b1b}\u{2626d}\u{2f890}]/u;

/** Characters whose title case is not their upper case, each followed by it. */
const TITLE_CASE = new Map(
  'ßSs Ǆǅ ǆǅ Ǉǈ ǉǈ Ǌǋ ǌǋ Ǳǲ ǳǲ ևԵւ ᾀᾈ ᾁᾉ ᾂᾊ ᾃᾋ ᾄᾌ ᾅᾍ ᾆᾎ ᾇᾏ ᾐᾘ ᾑᾙ ᾒᾚ ᾓᾛ ᾔᾜ ᾕᾝ ᾖᾞ ᾗᾟ ᾠᾨ ᾡᾩ ᾢᾪ ᾣᾫ ᾤᾬ ᾥᾭ ᾦᾮ ᾧᾯ ᾲᾺͅ ᾳᾼ ᾴΆͅ ᾷᾼ͂ ῂῊͅ ῃῌ ῄΉͅ ῇῌ͂ ῲῺͅ ῳῼ ῴΏͅ ῷῼ͂ ﬀFf ﬁFi ﬂFl ﬃFfi ﬄFfl ﬅSt ﬆSt ﬓՄն ﬔՄե ﬕՄի ﬖՎն ﬗՄխ'
    .split(' ')
    .map((pair) => [pair.charAt(0), pair.slice(1)]),
);

export function isDigit(char: string): boolean {
  return /\p{Nd}/u.test(char) || DIGITS.test(char);
}

export function isNumeric(char: string): boolean {
  return /\p{N}/u.test(char) || NUMERALS.test(char);
}

export function capitalizeText(text: string): string {
  const [first = ''] = text;
  // lower() of the whole, because a final sigma depends on what stands before it
  return titleCase(first) + text.toLowerCase().slice(first.toLowerCase().length);
}

function titleCase(char: string): string {
  if (/\p{Lt}|[\u10d0-\u10fa\u10fd-\u10ff]/u.test(char)) return char;
  return TITLE_CASE.get(char) ?? char.toUpperCase();
}

/** Digits stand in runs of ten; only the mathematical ones follow each other without a gap. */
export function digitValue(digit: string): number {
  const code = digit.codePointAt(0) ?? 0;
  if (code >= 0x1d7ce && code <= 0x1d7ff) return (code - 0x1d7ce) % 10;
  let zero = code;
  while (code - zero < 9 && /\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero--;
  return code - zero;
}

function escaped(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  if (code < 0x100) return `\\x${hex.padStart(2, '0')}`;
  return code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}
