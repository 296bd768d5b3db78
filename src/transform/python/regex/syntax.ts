/** Tree of a pattern of Python's re; characters are code points as strings. */
export type RegexNode =
  | { kind: 'char'; char: string; ignoreCase: boolean }
  | { kind: 'any'; newline: boolean }
  | { kind: 'set'; set: CharSet }
  | { kind: 'start' | 'end' | 'lineStart' | 'lineEnd' | 'textEnd' }
  | { kind: 'boundary'; negated: boolean; ascii: boolean }
  | { kind: 'sequence'; items: RegexNode[] }
  | { kind: 'choice'; options: RegexNode[] }
  | { kind: 'group'; number: number; body: RegexNode }
  | { kind: 'atomic'; body: RegexNode }
  | { kind: 'backreference'; number: number; ignoreCase: boolean }
  | { kind: 'look'; behind: number | null; negated: boolean; body: RegexNode }
  | { kind: 'conditional'; number: number; yes: RegexNode; no: RegexNode }
  | { kind: 'repeat'; body: RegexNode; min: number; max: number; mode: 'greedy' | 'lazy' | 'possessive' };

export interface CharSet {
  negated: boolean;
  ignoreCase: boolean;
  items: CharSetItem[];
}

export type CharSetItem =
  | { kind: 'range'; from: number; to: number }
  | { kind: 'class'; name: ClassName; ascii: boolean };

export type ClassName = 'd' | 'D' | 'w' | 'W' | 's' | 'S';

export interface ParsedRegex {
  root: RegexNode;
  groups: number;
  names: ReadonlyMap<string, number>;
  flags: number;
}

export const FLAGS = { I: 2, L: 4, M: 8, S: 16, U: 32, X: 64, A: 256 } as const;

/** How many characters a node matches: fewest and most. */
export function widthOf(node: RegexNode): [min: number, max: number] {
  switch (node.kind) {
    case 'char':
    case 'any':
    case 'set':
      return [1, 1];
    case 'sequence':
      return node.items.map(widthOf).reduce(([a, b], [c, d]) => [a + c, b + d], [0, 0]);
    case 'choice':
      return spread(node.options.map(widthOf));
    case 'conditional':
      return spread([widthOf(node.yes), widthOf(node.no)]);
    case 'group':
    case 'atomic':
      return widthOf(node.body);
    case 'repeat': {
      const [low, high] = widthOf(node.body);
      return [low * node.min, high === 0 ? 0 : high * node.max];
    }
    case 'backreference':
      return [0, Number.POSITIVE_INFINITY];
    default:
      return [0, 0];
  }
}

function spread(widths: readonly [number, number][]): [number, number] {
  return [Math.min(...widths.map(([low]) => low)), Math.max(...widths.map(([, high]) => high))];
}
