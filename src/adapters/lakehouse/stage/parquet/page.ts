/** Values in the making, in plain encoding. */
export interface Values {
  bytes: Buffer;
  /** Of the same memory as `bytes`. */
  view: DataView;
  /** How much of `bytes` is used. */
  length: number;
  /** How many there are. */
  values: number;
}

/** Those of one column of rows, and a bit for each row that says whether it has a value. */
export interface Page extends Values {
  present: Uint8Array;
  rows: number;
}

/** A page holds at most this many rows. */
export const PAGE_ROWS = 32_768;

export function createPage(): Page {
  return { ...createValues(), present: new Uint8Array(PAGE_ROWS / 8), rows: 0 };
}

export function createValues(): Values {
  const bytes = Buffer.alloc(1024);
  return { bytes, view: viewOf(bytes), length: 0, values: 0 };
}

/** Makes room for `size` more bytes. */
export function reserve(page: Values, size: number): void {
  if (page.bytes.length - page.length >= size) return;
  const grown = Buffer.allocUnsafe(Math.max(page.bytes.length * 2, page.length + size));
  page.bytes.copy(grown, 0, 0, page.length);
  page.bytes = grown;
  page.view = viewOf(grown);
}

/** The uncompressed body of the page, which is empty afterwards. */
export function takeBody(page: Page): Buffer {
  const levels = definitionLevels(page);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(levels.length);
  const body = Buffer.concat([length, levels, page.bytes.subarray(0, page.length)]);
  page.present.fill(0, 0, Math.ceil(page.rows / 8));
  page.length = 0;
  page.rows = 0;
  page.values = 0;
  return body;
}

/** The hybrid of run lengths and packed bits, bit width 1: one run where the page has no nulls or nothing else. */
function definitionLevels({ rows, values, present }: Page): Buffer {
  if (values === rows || values === 0) return Buffer.from([...varint(rows * 2), values === 0 ? 0 : 1]);
  const groups = Math.ceil(rows / 8);
  return Buffer.concat([Buffer.from(varint(groups * 2 + 1)), present.subarray(0, groups)]);
}

export function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  return [...bytes, rest];
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
