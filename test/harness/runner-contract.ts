import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Pool } from '../../src/db/client.ts';
import type { Runner } from '../../src/ports/runner.ts';
import { askingPromises } from './runner-contract/asking.ts';
import { type Bench, openBench } from './runner-contract/bench.ts';
import { failingPromises } from './runner-contract/failing.ts';
import { movingPromises } from './runner-contract/moving.ts';
import { secrecyPromises } from './runner-contract/secrecy.ts';
import type { SourceStep } from './runner-contract/source-script.ts';
import { stoppingPromises } from './runner-contract/stopping.ts';

/**
 * One runner on a source that does what a script says (runner-contract/source-script.ts). The source runs the steps of its config; how
 * they get there is the runner's: a Singer tap (runner-contract/script-tap.ts), a program speaking Airbyte's protocol, a stub server.
 */
export interface RunnerUnderTest {
  name: string;
  /** A tap that the opened runner knows: the scripted source. */
  tapName: string;
  tapVersion?: string | null;
  open(options: OpenOptions): Promise<OpenRunner>;
  /** Promises that make no sense for this runner, each with its reason. They are not tested. */
  lacks?: Partial<Record<RunnerPromise, string>>;
  /** Type words of a discovered stream's fields, where they are not Singer's. */
  fields?: Record<string, string>;
  /** Error codes, where they are not `tap.failed` and `tap.killed`. */
  codes?: { failed?: string | RegExp; silent?: string | RegExp };
  /** How long a tap may be silent where that is tested. Default 1,500. */
  silenceMs?: number;
  /** For each test. Default 60,000. */
  timeoutMs?: number;
}

export interface OpenOptions {
  /** A migrated database: staging lies in it, the runs' rows too. */
  pool: Pool;
  databaseUrl: string;
  idleTimeoutMs: number;
}

export interface OpenRunner {
  runner: Runner;
  /** The config of a connector whose source does this; `password` stands in it as a secret. `scriptedConfig` makes the usual one. */
  config(steps: readonly SourceStep[], password: string): Record<string, unknown>;
  /** Resolves when the source of the latest run has reached its `hang`. Absent: the suite waits for a line of the source's log. */
  hanging?(): Promise<void>;
  /** Folders it keeps beyond a run (plugin environments and the like): no secret may be found in them. */
  keeps?: readonly string[];
  close(): Promise<void>;
}

const PROMISES = {
  ...movingPromises,
  ...failingPromises,
  ...stoppingPromises,
  ...secrecyPromises,
  ...askingPromises,
} satisfies Record<string, PromiseTest>;

/** The name of a promise: what its test is called. */
export type RunnerPromise = keyof typeof PROMISES;

/** Fails when the runner on the bench breaks the promise. */
type PromiseTest = (bench: Bench) => Promise<void>;

/** Registers what every runner promises as tests. After each of them no file and no process of the runner is left. */
export function describeRunnerContract(subject: RunnerUnderTest): void {
  describe(`${subject.name} runner`, () => {
    let made: Bench | null = null;
    const bench = () => {
      if (!made) throw new Error('the bench has not been made');
      return made;
    };
    beforeAll(async () => {
      made = await openBench(subject);
    }, 300_000);
    afterEach(async () => {
      expect(await bench().leftBehind()).toEqual([]);
    });
    afterAll(() => made?.close());
    for (const [name, promise] of Object.entries(PROMISES)) {
      if (subject.lacks && name in subject.lacks) continue;
      test(name, { timeout: subject.timeoutMs ?? 60_000 }, () => promise(bench()));
    }
  });
}
