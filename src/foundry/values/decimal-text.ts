const DECIMAL = /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d{1,6}))?$/;

/** The double that prints the same digits as a decimal does, zeros at its end aside. null: there is none, or it is no finite number. */
export function doubleOf(decimal: string): number | null {
  const wanted = digitsOf(decimal);
  if (wanted === null) return null;
  const value = Number(decimal);
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) return null;
  return Number.isFinite(value) && digitsOf(String(value)) === wanted ? value : null;
}

/** Sign, digits without zeros at either end, and the power of ten of the last one: the same for all ways to write one number. */
function digitsOf(text: string): string | null {
  const match = DECIMAL.exec(text.trim());
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match ?? [];
  if (match === null || whole + fraction === '') return null;
  const digits = (whole + fraction).replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return '0';
  const power = Number(exponent) - fraction.length + (digits.length - significant.length);
  return `${sign === '-' ? '-' : ''}${significant}e${power}`;
}
