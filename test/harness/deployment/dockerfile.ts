import { readFileSync } from 'node:fs';

export interface Instruction {
  name: string;
  /** What follows the name, lines joined. */
  text: string;
}

export interface Stage {
  name: string;
  /** The stage or image it goes on from. */
  from: string;
  instructions: Instruction[];
}

/** The stages of the Dockerfile in the repository's folder. */
export function dockerfileStages(): Stage[] {
  const text = readFileSync('Dockerfile', 'utf8')
    .replaceAll(/^\s*#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, '');
  const stages: Stage[] = [];
  for (const line of text.split('\n').filter((one) => one.trim() !== '')) {
    const [, name = '', rest = ''] = /^(\w+)\s+(.*)$/.exec(line) ?? [];
    const from = /^(\S+) AS (\S+)$/.exec(rest);
    if (name === 'FROM' && from) stages.push({ from: from[1] ?? '', name: from[2] ?? '', instructions: [] });
    else stages.at(-1)?.instructions.push({ name, text: rest });
  }
  return stages;
}

/** All that was said on the way to a stage, its bases' instructions first. */
export function instructionsOf(target: string): Instruction[] {
  const stages = dockerfileStages();
  const stage = stages.find(({ name }) => name === target);
  if (!stage) return [];
  return [...instructionsOf(stage.from), ...stage.instructions];
}

/** What a stage copies from the repository's folder: "bin" to "bin". */
export function copiedInto(target: string): { source: string; to: string }[] {
  return instructionsOf(target)
    .filter(({ name, text }) => name === 'COPY' && !text.includes('--from='))
    .flatMap(({ text }) => {
      const paths = text.split(/\s+/);
      const to = paths.at(-1) ?? '';
      return paths.slice(0, -1).map((source) => ({ source, to: to === './' ? source : to }));
    });
}

/** The last of a kind, as the list of words it is written as: ["node", "bin/ivory.js"]. */
export function wordsOf(target: string, name: string): string[] {
  const text = instructionsOf(target).findLast((instruction) => instruction.name === name)?.text ?? '';
  return [...text.matchAll(/"([^"]*)"/g)].map(([, word = '']) => word);
}
