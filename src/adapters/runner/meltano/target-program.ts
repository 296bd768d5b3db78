import { dirname, join } from 'node:path';

/** Ivory's target as a program that Meltano can start. */
export interface TargetProgram {
  /** Absolute path. */
  executable: string;
  env: Record<string, string>;
  /** Files and folders it is made of. */
  readable: readonly string[];
}

/** `ivory-target` by the path of its source, run by the Node that runs this process. */
export function targetProgram(executable: string): TargetProgram {
  const source = join(dirname(executable), '../..');
  return {
    executable,
    env: { PATH: `${dirname(process.execPath)}:/usr/bin:/bin` },
    readable: [process.execPath, source, join(source, '../package.json')],
  };
}
