import type { ChildSpec } from '../process/child.ts';
import { tapEnvironment, type WorkFolder } from '../process/work-folder.ts';

export interface MeltanoCommand {
  /** Absolute path of Meltano's program. */
  program: string;
  folder: WorkFolder;
  /** meltano_environment */
  environment: string;
  /** Files and folders its plugins read. */
  readable: readonly string[];
}

/** How Meltano is started in its project's folder; its log comes as JSON lines on stderr. */
export function meltanoChild(
  { program, folder, environment, readable }: MeltanoCommand,
  args: readonly string[],
): Omit<ChildSpec, 'onStderr'> {
  return {
    command: [program, '--log-format', 'json', '--environment', environment, ...args],
    cwd: folder.path,
    scratch: folder.path,
    readable,
    env: { ...tapEnvironment(folder), ...OFFLINE },
  };
}

/** Meltano talks to its plugins and to nobody else: no usage statistics, no hub, no look for a newer version, no installing. */
const OFFLINE = {
  MELTANO_SEND_ANONYMOUS_USAGE_STATS: 'false',
  MELTANO_SNOWPLOW_COLLECTOR_ENDPOINTS: '[]',
  MELTANO_CLI_DISABLE_VERSION_CHECK: 'true',
  MELTANO_HUB_URL: 'http://127.0.0.1:9',
  MELTANO_AUTO_INSTALL: 'false',
  NO_COLOR: '1',
};
