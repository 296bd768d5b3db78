import { setTimeout as wait } from 'node:timers/promises';
import type { ProcessRow } from './process-row.ts';
import type { ProcessTable } from './process-table.ts';

/** A child and everything it has started, however deep and wherever it went. */
export interface ProcessTree {
  /** Those of `rows` that belong to it; remembers them. */
  membersOf(rows: readonly ProcessRow[]): ProcessRow[];
  /** Asks its processes to end, each once. */
  terminate(): Promise<void>;
  /** Ends its processes, until none is left or nothing helps. */
  destroy(): Promise<void>;
}

export interface TreeOptions {
  /** Leader of a process group and session of its own. */
  root: number;
  /** What its environment says in CHILD_MARK. */
  mark: string;
  table: ProcessTable;
  /** The root and its children are bubblewrap, which takes everything with it when it gets a SIGTERM: they are asked nothing. */
  sandboxed: boolean;
}

const ROUNDS = 40;
const ROUND_MS = 10;

export function createProcessTree({ root, mark, table, sandboxed }: TreeOptions): ProcessTree {
  let known = new Map<number, string>();

  /** By its parent, its session, its mark, or because it belonged before: leaving one of them is not enough. */
  function membersOf(rows: readonly ProcessRow[]): ProcessRow[] {
    const ownSession = rows.find(({ pid }) => pid === process.pid)?.session;
    const strangers = new Set(rows.filter(({ session }) => session !== ownSession));
    const pids = new Set([root]);
    const sessions = new Set([root]);
    const members: ProcessRow[] = [];
    for (let before = -1; before < members.length; ) {
      before = members.length;
      for (const row of strangers) {
        const belongs =
          pids.has(row.pid) ||
          pids.has(row.parent) ||
          sessions.has(row.session) ||
          row.mark === mark ||
          known.get(row.pid) === row.startedAt;
        if (!belongs) continue;
        strangers.delete(row);
        members.push(row);
        pids.add(row.pid);
        sessions.add(row.session);
      }
    }
    known = new Map(members.map(({ pid, startedAt }) => [pid, startedAt]));
    return members;
  }

  async function living(): Promise<ProcessRow[]> {
    return membersOf((await table.read()) ?? []);
  }

  async function destroy(): Promise<void> {
    signalProcess(-root, 'SIGKILL');
    for (let round = 0; round < ROUNDS; round++) {
      const left = await living();
      if (left.length === 0) return;
      for (const { pid } of left) signalProcess(pid, 'SIGKILL');
      await wait(ROUND_MS);
    }
  }

  return {
    membersOf,
    destroy,
    async terminate() {
      if (!sandboxed) signalProcess(-root, 'SIGTERM');
      const asked = (await living()).filter((row) =>
        sandboxed ? row.pid !== root && row.parent !== root : row.group !== root,
      );
      for (const { pid } of asked) signalProcess(pid, 'SIGTERM');
      // bubblewrap has not come to start the program yet: nothing of it has to be kept
      if (sandboxed && asked.length === 0) await destroy();
    },
  };
}

/** One that is gone already is no error; one that became another user's cannot be helped. */
function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}
