/** Where parts are kept: a folder or a bucket. Paths are relative, with slashes, made by stage-paths.ts. */
export interface PartStore {
  /** Begins a part that must not exist yet. Nothing of it need be visible before close. */
  create(path: string): Promise<PartSink>;
  /** The path as Spark reads it. */
  urlOf(path: string): string;
  /** Removes an attempt with all its parts; nothing where there is none. */
  removeAttempt(attempt: string): Promise<void>;
  /** Removes attempts of which nothing was written since `before`; answers how many. */
  sweep(before: Date): Promise<number>;
  close(): Promise<void>;
}

/** The bytes of one part, one call at a time. */
export interface PartSink {
  /** Resolves when there is room for more. */
  write(bytes: Buffer): Promise<void>;
  close(): Promise<void>;
  /** Gives up what was written and releases what it holds. Safe twice, and after close. */
  abort(): Promise<void>;
}
