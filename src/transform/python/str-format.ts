import type { Methods } from './arguments.ts';
import { dateAttribute } from './date-methods.ts';
import { fail } from './errors.ts';
import { formatValue } from './format-value.ts';
import { lookUp } from './iterate.ts';
import type { Meter } from './meter.ts';
import { asciiText } from './percent-format.ts';
import { reprOf, strOf } from './repr.ts';
import { subscript } from './subscript.ts';
import { isMapping, isObject, type Named, type Py, typeName } from './values.ts';

const MAX_DEPTH = 2;

/** How the fields of a template find their values. */
interface Fields {
  positional(place: number): Py;
  named(name: string): Py;
  /** The next place of {}; mixing {} and {0} is an error. */
  automatic(): number;
  explicit(): void;
}

export const FORMAT_METHODS: Methods<string> = {
  format: (meter, self, args, named) => formatTemplate(meter, self, fieldsOf(args, named), 0),
  format_map(meter, self, args) {
    const [mapping] = args;
    if (!isMapping(mapping))
      throw fail('TypeError', `'${typeName(mapping ?? null)}' object is not subscriptable`);
    return formatTemplate(meter, self, mappedFields(meter, mapping), 0);
  },
};

function fieldsOf(args: readonly Py[], named: Named): Fields {
  return {
    ...numbering(),
    positional(place) {
      const value = args[place];
      if (value === undefined)
        throw fail('IndexError', `Replacement index ${place} out of range for positional args tuple`);
      return value;
    },
    named(name) {
      const value = named.get(name);
      if (value === undefined) throw fail('KeyError', `'${name}'`);
      return value;
    },
  };
}

function mappedFields(meter: Meter, mapping: Extract<Py, { kind: 'dict' }>): Fields {
  return {
    ...numbering(),
    positional() {
      throw fail('ValueError', 'Format string contains positional fields');
    },
    named(name) {
      const value = lookUp(meter, mapping, name);
      if (value === undefined) throw fail('KeyError', `'${name}'`);
      return value;
    },
  };
}

function numbering(): Pick<Fields, 'automatic' | 'explicit'> {
  let next = 0;
  let explicit = false;
  return {
    automatic() {
      if (explicit)
        throw fail(
          'ValueError',
          'cannot switch from manual field specification to automatic field numbering',
        );
      return next++;
    },
    explicit() {
      if (next > 0)
        throw fail(
          'ValueError',
          'cannot switch from automatic field numbering to manual field specification',
        );
      explicit = true;
    },
  };
}

function formatTemplate(meter: Meter, template: string, fields: Fields, depth: number): string {
  if (depth >= MAX_DEPTH) throw fail('ValueError', 'Max string recursion exceeded');
  const parts: string[] = [];
  for (let i = 0; i < template.length; ) {
    const char = template.charAt(i);
    if (char !== '{' && char !== '}') {
      const end = nextBrace(template, i);
      parts.push(template.slice(i, end));
      i = end;
    } else if (template.charAt(i + 1) === char) {
      parts.push(char);
      i += 2;
    } else if (char === '}') throw fail('ValueError', "Single '}' encountered in format string");
    else {
      const end = fieldEnd(template, i + 1);
      parts.push(writeField(meter, template.slice(i + 1, end), fields, depth));
      i = end + 1;
    }
  }
  meter.allocate(parts.reduce((sum, part) => sum + part.length, 0));
  return parts.join('');
}

function nextBrace(template: string, from: number): number {
  const found = template.slice(from).search(/[{}]/);
  return found < 0 ? template.length : from + found;
}

function fieldEnd(template: string, from: number): number {
  let depth = 1;
  let bracket = false;
  for (let i = from; i < template.length; i++) {
    const char = template.charAt(i);
    if (char === '[') bracket = true;
    else if (char === ']') bracket = false;
    else if (char === '{' && !bracket) depth++;
    else if (char === '}' && !bracket && --depth === 0) return i;
  }
  throw fail(
    'ValueError',
    template.length === from
      ? "Single '{' encountered in format string"
      : "expected '}' before end of string",
  );
}

const FIELD = /^((?:[^[:!]|\[[^\]]*\])*)(?:!([\s\S]?)(?=:|$))?(?::([\s\S]*))?$/;

function writeField(meter: Meter, field: string, fields: Fields, depth: number): string {
  const match = FIELD.exec(field);
  if (!match) throw fail('ValueError', "expected ':' after conversion specifier");
  const [, name = '', conversion, spec = ''] = match;
  if (name.includes('{')) throw fail('ValueError', "unexpected '{' in field name");
  const value = converted(meter, fieldValue(meter, name, fields), conversion);
  const written =
    spec.includes('{') || spec.includes('}') ? formatTemplate(meter, spec, fields, depth + 1) : spec;
  return formatValue(meter, value, written);
}

/** {x!r}, {x!s}, {x!a}. */
export function converted(meter: Meter, value: Py, conversion: string | undefined): Py {
  if (conversion === undefined) return value;
  if (conversion === 's') return strOf(meter, value);
  if (conversion === 'r') return reprOf(meter, value);
  if (conversion === 'a') return asciiText(meter, value);
  if (conversion === '') throw fail('ValueError', "unmatched '{' in format spec");
  throw fail('ValueError', `Unknown conversion specifier ${conversion}`);
}

function fieldValue(meter: Meter, name: string, fields: Fields): Py {
  const [, first = '', path = ''] = /^([^.[]*)([\s\S]*)$/.exec(name) ?? [];
  let value = firstValue(first, fields);
  let rest = path;
  while (rest !== '') {
    const step = /^(?:\.([^.[]*)|\[([^\]]*)\])/.exec(rest);
    if (!step) throw fail('ValueError', "Only '.' or '[' may follow ']' in format field specifier");
    rest = rest.slice(step[0].length);
    if (step[1] === '' || step[2] === '') throw fail('ValueError', 'Empty attribute in format string');
    value =
      step[1] === undefined
        ? subscript(meter, value, itemKey(step[2] ?? ''))
        : fieldAttribute(value, step[1]);
  }
  return value;
}

function firstValue(first: string, fields: Fields): Py {
  if (first === '') return fields.positional(fields.automatic());
  if (!/^\d+$/.test(first)) return fields.named(first);
  fields.explicit();
  if (first.length > 15) throw fail('ValueError', 'Too many decimal digits in format string');
  return fields.positional(Number(first));
}

function itemKey(text: string): Py {
  return /^\d+$/.test(text) ? BigInt(text) : text;
}

/** A template reads dates' parts and nothing else: no methods, no names with underscores. */
function fieldAttribute(value: Py, name: string): Py {
  if (
    isObject(value) &&
    (value.kind === 'date' ||
      value.kind === 'datetime' ||
      value.kind === 'time' ||
      value.kind === 'timedelta')
  ) {
    const found = dateAttribute(value, name);
    if (found !== undefined) return found;
  }
  if (/^_/.test(name)) throw fail('AttributeError', `the attribute ${name} cannot be read in a template`);
  throw fail('NotImplementedError', `.${name} of ${typeName(value)} cannot be read in a template here`);
}
