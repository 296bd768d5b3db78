/** A decimal number as it is written: sign, digits without leading zeros, and the power of ten of the last digit. */
export interface ExactDecimal {
  negative: boolean;
  digits: string;
  exponent: number;
}

const NUMBER = /^([+-]?)(?:(\d+)(?:\.(\d*))?|\.(\d+))(?:[eE]([+-]?\d{1,6}))?$/;

/** Reads "-12.50", "1e-5", ".5". null: no such number. Trailing zeros after the point are dropped. */
export function parseDecimal(text: string): ExactDecimal | null {
  const match = NUMBER.exec(text.trim());
  if (!match) return null;
  const [, sign, whole = '', part = '', bare = '', power = '0'] = match;
  const fraction = part + bare;
  const all = (whole + fraction).replace(/^0+/, '');
  const digits = all.replace(/0+$/, '');
  const exponent = Number(power) - fraction.length + (all.length - digits.length);
  if (digits === '') return { negative: false, digits: '0', exponent: 0 };
  return { negative: sign === '-', digits, exponent };
}

export function sameDecimal(a: ExactDecimal, b: ExactDecimal): boolean {
  return a.negative === b.negative && a.digits === b.digits && a.exponent === b.exponent;
}

/** The double that prints back as these very digits; null when a double would lose some. */
export function exactDouble(text: string): number | null {
  const wanted = parseDecimal(text);
  if (!wanted) return null;
  const value = Number(text.trim());
  const printed = parseDecimal(String(value));
  return printed && sameDecimal(printed, wanted) ? value : null;
}

/** Plain digits with exactly `scale` places after the point; null when some would be lost. */
export function toScale({ negative, digits, exponent }: ExactDecimal, scale: number): string | null {
  if (digits === '0') return scale > 0 ? `0.${'0'.repeat(scale)}` : '0';
  if (-exponent > scale || exponent > 400) return null;
  const unscaled = (digits + '0'.repeat(exponent + scale)).padStart(scale + 1, '0');
  const whole = unscaled.slice(0, unscaled.length - scale);
  return `${negative ? '-' : ''}${whole}${scale > 0 ? `.${unscaled.slice(-scale)}` : ''}`;
}
