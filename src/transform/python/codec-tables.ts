import { fail } from './errors.ts';
import { type Read, readEscape, writeEscape } from './escape-codec.ts';

export interface Codec {
  /** As CPython's messages say it. */
  name: string;
  /** Bytes before everything that is written. */
  head: readonly number[];
  /** Bytes left out at the start of what is read. */
  skip: number;
  /** Null: the encoding has no such character. */
  write(code: number): number[] | null;
  read(bytes: Uint8Array, at: number): Read;
}

/** The codec of a name, and of a byte order mark where it decides. Throws NotImplementedError for every other. */
export function codecOf(encoding: string, bytes: Uint8Array = new Uint8Array()): Codec {
  const name = encoding.toLowerCase().replace(/[^a-z0-9.]+/g, '_');
  const codec = ALIASES.get(name);
  if (!codec)
    throw fail(
      'NotImplementedError',
      `the encoding ${encoding} is not supported here; utf-8, utf-16, utf-32, ascii, latin-1, cp1252 and unicode_escape are`,
    );
  return codec(bytes);
}

type Make = (bytes: Uint8Array) => Codec;

function plain(name: string, write: Codec['write'], read: Codec['read']): Codec {
  return { name, head: [], skip: 0, write, read };
}

function startsWith(bytes: Uint8Array, mark: readonly number[]): boolean {
  return mark.every((byte, i) => bytes[i] === byte);
}

const UTF8 = plain('utf-8', (code) => [...Buffer.from(String.fromCodePoint(code))], readUtf8);
const UTF8_MARK = [0xef, 0xbb, 0xbf];
const ASCII = plain(
  'ascii',
  (code) => (code < 128 ? [code] : null),
  (bytes, at) => oneByte((bytes[at] ?? 0) < 128 ? (bytes[at] ?? 0) : null),
);
const LATIN1 = plain(
  'latin-1',
  (code) => (code < 256 ? [code] : null),
  (bytes, at) => oneByte(bytes[at] ?? 0),
);

/** 0x80 to 0x9f of Windows' Western code page; 0: there is none. */
const WESTERN = [
  0x20ac, 0, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0,
  0x017d, 0, 0, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a,
  0x0153, 0, 0x017e, 0x0178,
];
const CP1252 = plain(
  'charmap',
  (code) => {
    if (code < 128 || (code >= 160 && code < 256)) return [code];
    const place = WESTERN.indexOf(code);
    return place < 0 ? null : [128 + place];
  },
  (bytes, at) => {
    const byte = bytes[at] ?? 0;
    return oneByte(byte < 128 || byte >= 160 ? byte : WESTERN[byte - 128] || null);
  },
);
const ESCAPES = plain('unicodeescape', writeEscape, readEscape);

function oneByte(code: number | null): Read {
  return { code, length: 1 };
}

/** As much as could still have become a character counts as one mistake. */
function readUtf8(bytes: Uint8Array, at: number): Read {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return oneByte(first);
  const more = first < 0xc2 || first > 0xf4 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
  let code = first & (0x3f >> more);
  for (let i = 1; i <= more; i++) {
    const byte = bytes[at + i] ?? 0;
    const low = i > 1 ? 0x80 : first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
    const high = i > 1 ? 0xbf : first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
    if (at + i >= bytes.length || byte < low || byte > high) return { code: null, length: i };
    code = (code << 6) | (byte & 0x3f);
  }
  return { code: more === 0 ? null : code, length: more + 1 };
}

function wide(name: string, unitBytes: 2 | 4, little: boolean): Codec {
  const unit = (value: number) => {
    const bytes = Array.from({ length: unitBytes }, (_, i) => (value >>> (8 * i)) & 0xff);
    return little ? bytes : bytes.reverse();
  };
  const unitAt = (bytes: Uint8Array, at: number): number | null => {
    if (at + unitBytes > bytes.length) return null;
    const own = [...bytes.subarray(at, at + unitBytes)];
    return (little ? own.reverse() : own).reduce((value, byte) => value * 256 + byte, 0);
  };
  const read = (bytes: Uint8Array, at: number): Read => {
    const first = unitAt(bytes, at);
    if (first === null) return { code: null, length: bytes.length - at };
    if (first < 0xd800 || (first > 0xdfff && first <= 0x10ffff)) return { code: first, length: unitBytes };
    if (unitBytes === 4 || first > 0xdbff) return { code: null, length: unitBytes };
    const second = unitAt(bytes, at + 2);
    if (second === null) return { code: null, length: bytes.length - at };
    if (second < 0xdc00 || second > 0xdfff) return { code: null, length: 2 };
    return { code: 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00), length: 4 };
  };
  const write = (code: number) => {
    if (unitBytes === 4 || code < 0x10000) return unit(code);
    const rest = code - 0x10000;
    return [...unit(0xd800 + (rest >> 10)), ...unit(0xdc00 + (rest & 0x3ff))];
  };
  return plain(name, write, read);
}

/** Written little-endian behind a mark; read as the mark says, little-endian without one. */
function marked(name: string, unitBytes: 2 | 4): Make {
  const little = unitBytes === 2 ? [0xff, 0xfe] : [0xff, 0xfe, 0, 0];
  const big = [...little].reverse();
  return (bytes) => ({
    ...wide(name, unitBytes, !startsWith(bytes, big)),
    head: little,
    skip: startsWith(bytes, little) || startsWith(bytes, big) ? unitBytes : 0,
  });
}

const NAMED: readonly [string, Make][] = [
  ['utf_8 utf8 u8 utf cp65001', () => UTF8],
  [
    'utf_8_sig',
    (bytes) => ({ ...UTF8, name: 'utf-8-sig', head: UTF8_MARK, skip: startsWith(bytes, UTF8_MARK) ? 3 : 0 }),
  ],
  ['ascii us_ascii 646', () => ASCII],
  ['latin_1 latin1 latin l1 iso_8859_1 iso8859_1 iso8859 8859 cp819', () => LATIN1],
  ['cp1252 windows_1252 1252', () => CP1252],
  ['utf_16 utf16 u16', marked('utf-16', 2)],
  ['utf_16_le utf_16le', () => wide('utf-16-le', 2, true)],
  ['utf_16_be utf_16be', () => wide('utf-16-be', 2, false)],
  ['utf_32 utf32 u32', marked('utf-32', 4)],
  ['utf_32_le utf_32le', () => wide('utf-32-le', 4, true)],
  ['utf_32_be utf_32be', () => wide('utf-32-be', 4, false)],
  ['unicode_escape unicodeescape', () => ESCAPES],
];

const ALIASES: ReadonlyMap<string, Make> = new Map(
  NAMED.flatMap(([names, make]) => names.split(' ').map((name): [string, Make] => [name, make])),
);
