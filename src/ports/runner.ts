import type { ConnectorType } from '../domain/connector-state.ts';
import type { CheckOutcome, DiscoverOutcome } from '../domain/connector-task.ts';
import type { JsonText } from '../domain/lossless-json.ts';
import type { RefusedRecord } from '../domain/refused-record.ts';
import type { RunTrigger } from '../domain/run-state.ts';
import type { StatsByStream } from '../domain/stats.ts';

/** What it takes to start a connector's tap. `config` is decrypted: never log it. */
export interface TapSpec {
  tenantId: string;
  connectorId: string;
  sourceSystem: string;
  tapName: string;
  tapVersion: string | null;
  meltanoEnvironment: string;
  /** Where the connector's rows are staged; a runner that only asks the source may not know. */
  stagingSchema?: string;
  config: Record<string, unknown>;
}

/** Everything a runner needs to carry one run. */
export interface RunSpec extends TapSpec {
  runId: string;
  /** What set the run going; absent: the schedule. */
  trigger?: RunTrigger;
  /** The state to go on from; null: from the start. */
  state: JsonText | null;
  stagingSchema: string;
  /** What the staging connections of this run call themselves (application_name). */
  stagingSession: string;
  /** Written into every staged row this run touches. */
  loadId: number;
}

export interface ProbeHooks {
  /** One line of the tap's log, secrets already taken out. */
  log(line: string): void;
}

export interface RunHooks extends ProbeHooks {
  /** Counts so far, whenever they change; calls are cheap, the worker decides what to keep. */
  progress(stats: StatsByStream): void;
  /** The fields of a stream, name to type in the words of a discovery, whenever the source says them; not every runner knows. */
  schema?(stream: string, fields: Record<string, string>): void;
  /** Takes a record that cannot be staged and lets the run go on; without it such a record fails the run. Its stream's `rejected` counts it. */
  refused?(record: RefusedRecord): void;
  /** Throws LostLeaseError unless this worker still owns the run. Called inside each staging transaction with its connection. */
  guardCommit: CommitGuard;
}

/** Runs `select ... for share` on the run's row in the transaction that is about to commit staged rows. */
export type CommitGuard = (
  query: (text: string, parameters: unknown[]) => Promise<readonly unknown[]>,
) => Promise<void>;

export type RunOutcome =
  | { status: 'completed'; rowsWritten: number; state: JsonText | null; streams: StatsByStream }
  | {
      status: 'partial' | 'failed';
      rowsWritten: number;
      state: JsonText | null;
      streams: StatsByStream;
      errorCode: string;
      errorMsg: string;
    };

/**
 * Moves rows from a source into the run's staging schema. A failure of the source is an outcome; a throw is our own trouble
 * (UnavailableError: try again) or LostLeaseError. When `signal` aborts every child process is gone before the promise settles.
 */
export interface Runner {
  readonly type: ConnectorType;
  /** What every run's log should say of how its tap runs here; null or absent: nothing. */
  caution?(): string | null;
  /** Refuses (InvalidError `connector.tap_unknown`) a tap this runner cannot run; the message names the nearest known ones. */
  assertTap(tapName: string, tapVersion: string | null): void;
  execute(spec: RunSpec, hooks: RunHooks, signal: AbortSignal): Promise<RunOutcome>;
  /** Whether the tap starts, takes its config and reaches its source. Writes nothing anywhere; bounded by `signal`. */
  check(spec: TapSpec, hooks: ProbeHooks, signal: AbortSignal): Promise<CheckOutcome>;
  /** What the source has to offer. Writes nothing anywhere; bounded by `signal`. */
  discover(spec: TapSpec, hooks: ProbeHooks, signal: AbortSignal): Promise<DiscoverOutcome>;
}
