/** Syntax tree of one Python expression; `pos` is its first UTF-16 unit in the source. */
export type Node =
  | { kind: 'none'; pos: number }
  | { kind: 'bool'; value: boolean; pos: number }
  | { kind: 'int'; value: bigint; pos: number }
  | { kind: 'float'; value: number; pos: number }
  | { kind: 'str'; value: string; pos: number }
  | { kind: 'fstring'; parts: FormatPart[]; pos: number }
  | { kind: 'name'; name: string; pos: number }
  | { kind: 'list' | 'tuple' | 'set'; items: Node[]; pos: number }
  | { kind: 'dict'; entries: [Node, Node][]; pos: number }
  | {
      kind: 'comprehension';
      of: ComprehensionKind;
      element: Node;
      value: Node | null;
      clauses: Clause[];
      pos: number;
    }
  | { kind: 'unary'; op: UnaryOp; operand: Node; pos: number }
  | { kind: 'binary'; op: BinaryOp; left: Node; right: Node; pos: number }
  | { kind: 'logical'; op: 'and' | 'or'; operands: Node[]; pos: number }
  | { kind: 'compare'; first: Node; rest: { op: CompareOp; operand: Node }[]; pos: number }
  | { kind: 'conditional'; test: Node; then: Node; otherwise: Node; pos: number }
  | { kind: 'attribute'; object: Node; name: string; pos: number }
  | { kind: 'call'; callee: Node; args: Node[]; named: { name: string; value: Node }[]; pos: number }
  | { kind: 'index'; object: Node; index: Node; pos: number }
  | { kind: 'slice'; object: Node; from: Node | null; to: Node | null; step: Node | null; pos: number };

export type ComprehensionKind = 'list' | 'set' | 'dict' | 'generator';
export type UnaryOp = '-' | '+' | '~' | 'not';
export type BinaryOp = '+' | '-' | '*' | '/' | '//' | '%' | '**' | '<<' | '>>' | '&' | '|' | '^';
export type CompareOp = '<' | '<=' | '>' | '>=' | '==' | '!=' | 'in' | 'not in' | 'is' | 'is not';

/** `for a, b in iterable if condition if ...` */
export interface Clause {
  targets: string[];
  /** whether the target is written as a tuple, so that one name with a comma unpacks too */
  unpacks: boolean;
  iterable: Node;
  conditions: Node[];
}

/** A piece of an f-string: its text, or a field with conversion and format spec. */
export type FormatPart = string | { value: Node; conversion: 'r' | 's' | ''; spec: FormatPart[] };
