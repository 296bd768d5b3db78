import { floatRepr } from './float-digits.ts';

/** float.hex(): every bit of a float. */
export function floatHex(value: number): string {
  if (!Number.isFinite(value)) return floatRepr(value);
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const sign = bits >> 63n === 1n ? '-' : '';
  const biased = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  if (biased === 0 && fraction === 0n) return `${sign}0x0.0p+0`;
  const exponent = biased === 0 ? -1022 : biased - 1023;
  const digits = fraction.toString(16).padStart(13, '0');
  return `${sign}0x${biased === 0 ? 0 : 1}.${digits}p${exponent < 0 ? '' : '+'}${exponent}`;
}
