import { fail } from './errors.ts';

/** [[fill]align][sign][z][#][0][width][grouping][.precision][type] */
export interface FormatSpec {
  fill: string;
  align: '' | '<' | '>' | '=' | '^';
  sign: '' | '+' | '-' | ' ';
  noNegativeZero: boolean;
  alternate: boolean;
  /** The 0 before the width was written. */
  zero: boolean;
  width: number;
  grouping: '' | ',' | '_';
  precision: number | null;
  type: string;
}

const SPEC = /^(?:(.)?([<>=^]))?([-+ ])?(z)?(#)?(0)?(\d+)?([,_])?([,_])?(\.(\d*))?([\s\S]*)$/su;
const MAX_WIDTH = 10_000;

/** Throws ValueError. `typeText`: the type as messages name it. */
export function parseSpec(spec: string, typeText: string): FormatSpec {
  const match = SPEC.exec(spec);
  if (!match) throw malformed(spec, typeText);
  const [
    ,
    fill,
    align = '',
    sign = '',
    z,
    alternate,
    zero,
    width,
    grouping = '',
    second,
    point,
    precision,
    type = '',
  ] = match;
  if (second !== undefined) {
    throw fail(
      'ValueError',
      second === grouping
        ? `Cannot specify '${grouping}' with '${grouping}'.`
        : "Cannot specify both ',' and '_'.",
    );
  }
  if (point !== undefined && precision === '') throw fail('ValueError', 'Format specifier missing precision');
  if ([...type].length > 1) throw malformed(spec, typeText);
  const zeroFill = zero !== undefined && fill === undefined;
  return {
    fill: zeroFill ? '0' : (fill ?? ' '),
    align: (zero !== undefined && align === '' ? '=' : align) as FormatSpec['align'],
    sign: sign as FormatSpec['sign'],
    noNegativeZero: z !== undefined,
    alternate: alternate !== undefined,
    zero: zero !== undefined,
    width: bounded(width),
    grouping: grouping as FormatSpec['grouping'],
    precision: precision === undefined ? null : bounded(precision),
    type,
  };
}

function malformed(spec: string, typeText: string) {
  return fail('ValueError', `Invalid format specifier '${spec}' for object of type '${typeText}'`);
}

/** Throws ValueError above 10,000. */
export function bounded(digits: string | undefined): number {
  if (digits === undefined || digits === '') return 0;
  const value = Number(digits);
  if (value > 2 ** 62) throw fail('ValueError', 'Too many decimal digits in format string');
  if (value > MAX_WIDTH) throw fail('ValueError', `a width or precision of more than ${MAX_WIDTH}`);
  return value;
}

/** `body` with its sign or prefix, filled up to the width; counted in characters. */
export function pad(
  prefix: string,
  body: string,
  spec: Pick<FormatSpec, 'fill' | 'align' | 'width'>,
  usual: '<' | '>',
): string {
  const length = prefix.length + [...body].length;
  const missing = spec.width - length;
  if (missing <= 0) return prefix + body;
  const fill = (count: number) => spec.fill.repeat(count);
  switch (spec.align === '' ? usual : spec.align) {
    case '<':
      return prefix + body + fill(missing);
    case '=':
      return prefix + fill(missing) + body;
    case '^':
      return fill(Math.floor(missing / 2)) + prefix + body + fill(missing - Math.floor(missing / 2));
    default:
      return fill(missing) + prefix + body;
  }
}

/** Digits before the point with separators, zeros in front up to `width` where the fill is a zero. */
export function grouped(digits: string, tail: string, mark: string, size: number, width: number): string {
  let wide = digits;
  const separated = () => wide.replace(new RegExp(`\\B(?=(?:.{${size}})+$)`, 'g'), mark);
  while (separated().length + tail.length < width) wide = `0${wide}`;
  return separated() + tail;
}

/** The sign that is written. */
export function signText(negative: boolean, { sign }: Pick<FormatSpec, 'sign'>): string {
  if (negative) return '-';
  return sign === '-' ? '' : sign;
}
