import { fail } from '../errors.ts';
import type { PyMatch, PyPattern } from '../values.ts';
import { createReader } from './reader.ts';
import { groupText, programOf } from './search.ts';

/** A replacement's texts and the numbers of the groups it takes in. */
export type Template = readonly (string | number)[];

const CONTROL: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
};

/** Reads \1, \g<name>, \n as re.sub does. Throws PyError `error`, IndexError. */
export function parseTemplate(source: string, pattern: PyPattern): Template {
  const { groups, names } = programOf(pattern);
  const reader = createReader([...source]);
  const parts: (string | number)[] = [];
  const group = (number: number) => {
    if (number > groups)
      throw fail('error', `invalid group reference ${number} at position ${reader.at - 1}`);
    parts.push(number);
  };
  while (!reader.done()) {
    const char = reader.next();
    if (char !== '\\') {
      parts.push(char);
      continue;
    }
    const letter = reader.next();
    if (letter === 'g') {
      if (!reader.take('<')) throw fail('error', `missing < at position ${reader.at}`);
      const name = reader.until('>');
      const number = /^\d+$/.test(name) ? Number(name) : names.get(name);
      if (number === undefined) throw fail('IndexError', `unknown group name '${name}'`);
      group(number);
    } else if (/^\d$/.test(letter))
      readDigits(letter, reader.rest(2), (taken) => (reader.at += taken), group, parts);
    else if (letter === '') throw fail('error', `bad escape (end of pattern) at position ${reader.at - 2}`);
    else if (Object.hasOwn(CONTROL, letter)) parts.push(CONTROL[letter] ?? '');
    else if (/^[A-Za-z]$/.test(letter))
      throw fail('error', `bad escape \\${letter} at position ${reader.at - 2}`);
    else parts.push(`\\${letter}`);
  }
  return parts;
}

function readDigits(
  first: string,
  more: string,
  skip: (count: number) => void,
  group: (number: number) => void,
  parts: (string | number)[],
): void {
  const octal = first === '0' ? /^[0-7]{0,2}/.exec(more) : /^[0-3][0-7][0-7]/.exec(first + more);
  if (octal) {
    const digits = first === '0' ? first + octal[0] : octal[0];
    skip(digits.length - 1);
    parts.push(String.fromCodePoint(Number.parseInt(digits, 8) & 0xff));
    return;
  }
  const second = /^\d/.exec(more)?.[0] ?? '';
  skip(second.length);
  group(Number(first + second));
}

export function expandTemplate(template: Template, match: PyMatch): string {
  return template.map((part) => (typeof part === 'string' ? part : (groupText(match, part) ?? ''))).join('');
}
