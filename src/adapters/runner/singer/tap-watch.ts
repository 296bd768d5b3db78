import type { ProcessHost } from '../process/process-host.ts';
import type { Redact } from '../process/redaction.ts';

/** How a tap that is only asked something is watched. */
export interface TapWatch {
  host: ProcessHost;
  /** Takes the secrets out of what the tap says. */
  redact: Redact;
  signal: AbortSignal;
  /** A tap that writes nothing for so long is ended. */
  idleTimeoutMs: number;
}
