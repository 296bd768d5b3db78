/** Writes one struct in Thrift's compact protocol, field by field with rising ids. */
export interface StructWriter {
  int(id: number, value: number): void;
  long(id: number, value: number): void;
  bool(id: number, value: boolean): void;
  text(id: number, value: string): void;
  struct(id: number, write: (inner: StructWriter) => void): void;
  structs<Item>(id: number, items: readonly Item[], write: (inner: StructWriter, item: Item) => void): void;
  ints(id: number, values: readonly number[]): void;
  texts(id: number, values: readonly string[]): void;
}

const TYPE = { true: 1, false: 2, i32: 5, i64: 6, binary: 8, list: 9, struct: 12 } as const;
const STOP = 0;

/** One struct in Thrift's compact protocol. Numbers are exact up to 2^52. */
export function encodeStruct(write: (struct: StructWriter) => void): Buffer {
  const out: number[] = [];
  writeStruct(out, write);
  return Buffer.from(out);
}

function writeStruct(out: number[], write: (struct: StructWriter) => void): void {
  write(structWriter(out));
  out.push(STOP);
}

function structWriter(out: number[]): StructWriter {
  let last = 0;

  function header(id: number, type: number) {
    const step = id - last;
    last = id;
    if (step > 0 && step < 16) return void out.push((step << 4) | type);
    out.push(type);
    pushInteger(out, id);
  }

  function listHeader(id: number, type: number, size: number) {
    header(id, TYPE.list);
    if (size < 15) return void out.push((size << 4) | type);
    out.push(0xf0 | type);
    pushVarint(out, size);
  }

  return {
    int(id, value) {
      header(id, TYPE.i32);
      pushInteger(out, value);
    },
    long(id, value) {
      header(id, TYPE.i64);
      pushInteger(out, value);
    },
    bool(id, value) {
      header(id, value ? TYPE.true : TYPE.false);
    },
    text(id, value) {
      header(id, TYPE.binary);
      pushText(out, value);
    },
    struct(id, write) {
      header(id, TYPE.struct);
      writeStruct(out, write);
    },
    structs(id, items, write) {
      listHeader(id, TYPE.struct, items.length);
      for (const item of items) writeStruct(out, (inner) => write(inner, item));
    },
    ints(id, values) {
      listHeader(id, TYPE.i32, values.length);
      for (const value of values) pushInteger(out, value);
    },
    texts(id, values) {
      listHeader(id, TYPE.binary, values.length);
      for (const value of values) pushText(out, value);
    },
  };
}

function pushText(out: number[], text: string): void {
  const bytes = Buffer.from(text);
  pushVarint(out, bytes.length);
  for (const byte of bytes) out.push(byte);
}

/** Zigzag: small numbers of either sign are short. */
function pushInteger(out: number[], value: number): void {
  pushVarint(out, value >= 0 ? value * 2 : -value * 2 - 1);
}

function pushVarint(out: number[], value: number): void {
  let rest = value;
  while (rest >= 0x80) {
    out.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  out.push(rest);
}
