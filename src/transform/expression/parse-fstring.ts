import type { FormatPart, Node } from './ast.ts';
import { refuse } from './refusal.ts';
import { decodeEscapes } from './string-escapes.ts';

interface FString {
  body: string;
  raw: boolean;
  bodyPos: number;
}

type ParseField = (text: string, offset: number) => Node;

/** Texts and fields of an f-string, as Python 3.11 reads them: no backslash inside a field. */
export function parseFormatParts(source: FString, parse: ParseField, depth: number): FormatPart[] {
  const parts: FormatPart[] = [];
  let text = '';
  const flush = () => {
    if (text !== '') parts.push(source.raw ? text : decodeEscapes(text, source.bodyPos));
    text = '';
  };
  for (let i = 0; i < source.body.length; i++) {
    const char = source.body.charAt(i);
    if (char !== '{' && char !== '}') text += char;
    else if (source.body[i + 1] === char) {
      text += char;
      i++;
    } else if (char === '}') throw refuse('syntax', "A single '}' in an f-string", source.bodyPos + i);
    else {
      flush();
      const end = endOfField(source.body, i + 1, source.bodyPos);
      parts.push(...parseField(source.body.slice(i + 1, end), source.bodyPos + i + 1, parse, depth));
      i = end;
    }
  }
  flush();
  return parts;
}

function parseField(field: string, pos: number, parse: ParseField, depth: number): FormatPart[] {
  if (field.includes('\\')) throw refuse('syntax', 'A backslash inside an f-string field', pos);
  const { expression, conversion, spec } = splitField(field, pos);
  if (expression.trim() === '') throw refuse('syntax', 'An empty f-string field', pos);
  if (depth > 4) throw refuse('too_deep', 'An f-string nested too deep', pos);
  const shown = /^([\s\S]*[^=!<>])=\s*$/.exec(expression);
  const part: FormatPart = {
    value: parse(shown?.[1] ?? expression, pos),
    conversion: shown && conversion === '' && spec === '' ? 'r' : conversion,
    spec: parseFormatParts({ body: spec, raw: true, bodyPos: pos }, parse, depth + 1),
  };
  return shown ? [expression, part] : [part];
}

function splitField(field: string, pos: number) {
  const mark = topLevelMark(field);
  const expression = field.slice(0, mark);
  const rest = /^(?:!([a-z]))?(?::([\s\S]*))?$/.exec(field.slice(mark));
  if (!rest) throw refuse('syntax', 'A malformed f-string field', pos);
  const conversion = rest[1] ?? '';
  if (!isConversion(conversion)) throw refuse('syntax', `The f-string conversion !${conversion}`, pos);
  return { expression, conversion, spec: rest[2] ?? '' };
}

function isConversion(text: string): text is 'r' | 's' | 'a' | '' {
  return ['r', 's', 'a', ''].includes(text);
}

/** Where `!r` or `:spec` starts: the first one outside brackets and strings. */
function topLevelMark(field: string): number {
  let depth = 0;
  let quote = '';
  for (let i = 0; i < field.length; i++) {
    const char = field.charAt(i);
    if (quote !== '') quote = char === quote ? '' : quote;
    else if (char === "'" || char === '"') quote = char;
    else if ('([{'.includes(char)) depth++;
    else if (')]}'.includes(char)) depth--;
    else if (depth === 0 && char === ':') return i;
    else if (depth === 0 && char === '!' && field[i + 1] !== '=') return i;
  }
  return field.length;
}

function endOfField(body: string, start: number, pos: number): number {
  let depth = 0;
  let quote = '';
  for (let i = start; i < body.length; i++) {
    const char = body.charAt(i);
    if (quote !== '') quote = char === quote ? '' : quote;
    else if (char === "'" || char === '"') quote = char;
    else if ('([{'.includes(char)) depth++;
    else if (char === '}' && depth === 0) return i;
    else if (')]}'.includes(char)) depth--;
  }
  throw refuse('syntax', 'An f-string field is not closed', pos + start);
}
