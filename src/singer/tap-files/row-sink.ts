/** Where a reader puts what it reads. The reader calls `ready` between chunks and stops when it answers false. */
export interface RowSink {
  /** Only types are wanted: a format that carries a schema need not read rows. */
  readonly isSample: boolean;
  /** `body`: the record's members without braces, e.g. `"a":1,"b":null`. `line`: 1-based line or record number. */
  row(line: number, body: string): void;
  bad(line: number, reason: string): void;
  /** Something the operator should know about the file; the same text is told once. */
  note(text: string): void;
  /** Waits until more may be written; false: enough rows were read. */
  ready(): Promise<boolean>;
}

/** What a reader is given besides the sink. */
export interface ReadOptions {
  delimiter: string;
  quote: string;
  encoding: string;
  hasHeader: boolean;
  nullValues: ReadonlySet<string>;
}
