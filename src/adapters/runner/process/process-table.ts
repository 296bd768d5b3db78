import { readLinuxProcesses } from './linux-processes.ts';
import type { ProcessRow } from './process-row.ts';
import { readProcessesWithPs } from './ps-processes.ts';

export interface ProcessTable {
  /** All processes that can be seen, without those that only wait to be reaped; null: this machine does not tell. */
  read(): Promise<readonly ProcessRow[] | null>;
}

/** From /proc on Linux, else from `ps`. */
export function createProcessTable(platform: NodeJS.Platform = process.platform): ProcessTable {
  return { read: platform === 'linux' ? readLinuxProcesses() : readProcessesWithPs };
}
