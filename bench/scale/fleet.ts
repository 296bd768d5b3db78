import { CLI, type ServingProcess, startServing } from '../shared/ivory-process.ts';

export type Kind = 'scheduler' | 'runner' | 'transform' | 'api';

/** How many processes of each kind. */
export type FleetSize = Record<Kind, number>;

export interface Fleet {
  members: { kind: Kind; pid: number }[];
  log(): string;
  end(kinds?: readonly Kind[]): Promise<void>;
}

const COMMANDS: Record<Kind, readonly string[]> = {
  scheduler: ['worker', 'scheduler'],
  runner: ['worker', 'runner'],
  transform: ['worker', 'transform'],
  api: ['api'],
};

/** Starts every process as it runs in production, and waits until all serve. */
export async function startFleet(
  size: FleetSize,
  options: { environment: Record<string, string>; folder: string },
): Promise<Fleet> {
  const kinds = (Object.keys(COMMANDS) as Kind[]).flatMap((kind) =>
    Array.from({ length: size[kind] }, () => kind),
  );
  // each process that is started listens for the end of this one
  process.setMaxListeners(kinds.length + 20);
  const running: { kind: Kind; process: ServingProcess }[] = [];
  const end = async (only?: readonly Kind[]) => {
    const ending = running.filter(({ kind }) => only?.includes(kind) ?? true);
    await Promise.all(ending.map(({ process }) => process.end()));
    for (const each of ending) running.splice(running.indexOf(each), 1);
  };
  try {
    // one after the other: a dozen starts at once would fight for the processors
    for (const kind of kinds)
      running.push({ kind, process: await startServing(CLI, COMMANDS[kind], options) });
  } catch (error) {
    await end();
    throw error;
  }
  return {
    members: running.map(({ kind, process }) => ({ kind, pid: process.pid })),
    log: () => running.map(({ process }) => process.log()).join('\n'),
    end,
  };
}
