import type { ProbeHooks } from '../../../ports/runner.ts';
import type { PluginEnvironment } from '../plugins/plugin.ts';
import type { ChildSpec } from '../process/child.ts';
import { createErrorTail, type ErrorTail } from '../process/error-tail.ts';
import type { ProcessHost } from '../process/process-host.ts';
import { createRedactor, type Redact } from '../process/redaction.ts';
import { tapEnvironment, type WorkFolder } from '../process/work-folder.ts';
import { createSourceLog, type SourceLog } from './source-log.ts';

/** A source's program in a work folder: how it is started and what becomes of its words. */
export interface SourceProgram {
  host: ProcessHost;
  /** Where its program and what that reads are. */
  environment: PluginEnvironment;
  folder: WorkFolder;
  signal: AbortSignal;
  /** A source that writes nothing for so long is ended. */
  idleTimeoutMs: number;
  /** Starts it with these arguments: "check", "--config", a file's path. */
  command(args: readonly string[]): ChildSpec;
  log: SourceLog;
  /** The last of what it said of its errors. */
  lastWords: ErrorTail;
  redact: Redact;
  /** These values are secrets from now on. */
  keepSecret(config: Record<string, unknown>): void;
}

export interface SourceProgramOptions
  extends Pick<SourceProgram, 'host' | 'environment' | 'folder' | 'signal' | 'idleTimeoutMs'> {
  config: Record<string, unknown>;
  /** Settings known to be secret. */
  secretKeys?: readonly string[];
  hooks: ProbeHooks;
}

/** A source that renews its config all the time forgets the older ones. */
const MOST_RENEWALS = 50;

export function createSourceProgram({
  config,
  secretKeys,
  hooks,
  ...given
}: SourceProgramOptions): SourceProgram {
  const redactors = [createRedactor(config, { secretKeys })];
  const redacted: Redact = (text) => redactors.reduce((clean, redact) => redact(clean), text);
  const lastWords = createErrorTail(redacted);
  const { environment, folder } = given;
  return {
    ...given,
    command: (args) => ({
      command: [environment.executable, ...args],
      cwd: folder.path,
      scratch: folder.path,
      readable: [environment.folder, environment.python].filter((path) => path !== null),
      env: tapEnvironment(folder),
      onStderr: lastWords.watch((line) => hooks.log(redacted(line))),
    }),
    log: createSourceLog({ log: hooks.log, redact: redacted, tail: lastWords }),
    lastWords,
    redact: redacted,
    keepSecret(renewed) {
      if (redactors.length > MOST_RENEWALS) redactors.splice(1, 1);
      redactors.push(createRedactor(renewed, { secretKeys }));
    },
  };
}
