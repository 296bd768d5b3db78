import { type Codec, codecOf } from './codec-tables.ts';
import { fail } from './errors.ts';
import type { Meter } from './meter.ts';
import { bytesOf, type PyBytes } from './values.ts';

/** text.encode(), bytes(text, encoding). Throws UnicodeEncodeError, LookupError, NotImplementedError for other encodings. */
export function encodeText(meter: Meter, text: string, encoding: string, errors: string): PyBytes {
  const codec = codecOf(encoding);
  if (codec.name === 'utf-8') {
    meter.allocate(text.length * 3);
    return bytesOf(Buffer.from(text, 'utf8'));
  }
  meter.allocate(text.length * 10);
  meter.spend(text.length >> 3);
  const bytes: number[] = [...codec.head];
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    bytes.push(...(codec.write(code) ?? unencodable(code, codec, errors)));
  }
  return bytesOf(Uint8Array.from(bytes));
}

function unencodable(code: number, { name, write }: Codec, errors: string): number[] {
  const hex = code.toString(16);
  const escaped =
    code < 256
      ? `\\x${hex.padStart(2, '0')}`
      : code < 65_536
        ? `\\u${hex.padStart(4, '0')}`
        : `\\U${hex.padStart(8, '0')}`;
  switch (errors) {
    case 'ignore':
      return [];
    case 'replace':
      return write(63) ?? [63];
    case 'xmlcharrefreplace':
      return [...Buffer.from(`&#${code};`)];
    case 'backslashreplace':
      return [...Buffer.from(escaped)];
    case 'strict':
    case 'surrogateescape':
    case 'surrogatepass':
      throw fail('UnicodeEncodeError', `'${name}' codec can't encode character '${escaped}'`);
    default:
      throw unknownHandler(errors);
  }
}

function unknownHandler(errors: string) {
  return errors === 'namereplace'
    ? fail('NotImplementedError', "errors='namereplace' is not supported here")
    : fail('LookupError', `unknown error handler name '${errors}'`);
}

/** bytes.decode(), str(bytes, encoding). Throws UnicodeDecodeError, LookupError, NotImplementedError for other encodings. */
export function decodeBytes(meter: Meter, bytes: Uint8Array, encoding: string, errors: string): string {
  meter.allocate(bytes.length * 4);
  meter.spend(bytes.length >> 4);
  const codec = codecOf(encoding, bytes);
  const body = bytes.subarray(codec.skip);
  return (codec.name === 'utf-8' ? wellFormed(body) : null) ?? decodeEach(body, codec, errors);
}

/** Null: there is something wrong in it. */
function wellFormed(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

function decodeEach(bytes: Uint8Array, codec: Codec, errors: string): string {
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const { code, length } = codec.read(bytes, at);
    if (code === null) parts.push(undecodable(bytes.subarray(at, at + length), codec, errors));
    else if (code >= 0) parts.push(String.fromCodePoint(code));
    at += length;
  }
  return parts.join('');
}

function undecodable(bytes: Uint8Array, { name }: Codec, errors: string): string {
  if (name === 'unicodeescape' && errors !== 'strict')
    throw fail('NotImplementedError', `unicode_escape with errors='${errors}' is not supported here`);
  switch (errors) {
    case 'ignore':
      return '';
    case 'replace':
      return '\ufffd';
    case 'backslashreplace':
      return Array.from(bytes, (byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
    case 'strict':
      throw fail('UnicodeDecodeError', `'${name}' codec can't decode the bytes`);
    case 'surrogateescape':
    case 'surrogatepass':
      throw fail(
        'NotImplementedError',
        `errors='${errors}' is not supported here: text has no half characters`,
      );
    case 'xmlcharrefreplace':
    case 'namereplace':
      throw fail('TypeError', "don't know how to handle UnicodeDecodeError in error callback");
    default:
      throw unknownHandler(errors);
  }
}
