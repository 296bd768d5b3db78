/** Syntax tree of one Python expression; `pos` is its first UTF-16 unit in the source. */
export type Node =
  | { kind: 'none'; pos: number }
  | { kind: 'bool'; value: boolean; pos: number }
  | { kind: 'int'; value: bigint; pos: number }
  | { kind: 'float'; value: number; pos: number }
  | { kind: 'str'; value: string; pos: number }
  | { kind: 'bytes'; value: Uint8Array; pos: number }
  | { kind: 'fstring'; parts: FormatPart[]; pos: number }
  | { kind: 'name'; name: string; pos: number }
  | { kind: 'list' | 'tuple' | 'set'; items: Node[]; pos: number }
  /** a key of null: `**value` */
  | { kind: 'dict'; entries: [Node | null, Node][]; pos: number }
  | { kind: 'starred'; value: Node; pos: number }
  | { kind: 'lambda'; parameters: Parameter[]; body: Node; pos: number }
  | { kind: 'assign'; name: string; value: Node; pos: number }
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
  | { kind: 'call'; callee: Node; args: Node[]; named: NamedArgument[]; pos: number }
  | { kind: 'index'; object: Node; index: Node; pos: number }
  | { kind: 'slice'; object: Node; from: Node | null; to: Node | null; step: Node | null; pos: number };

export type ComprehensionKind = 'list' | 'set' | 'dict' | 'generator';
export type UnaryOp = '-' | '+' | '~' | 'not';
export type BinaryOp = '+' | '-' | '*' | '/' | '//' | '%' | '**' | '<<' | '>>' | '&' | '|' | '^';
export type CompareOp = '<' | '<=' | '>' | '>=' | '==' | '!=' | 'in' | 'not in' | 'is' | 'is not';

/** `name=value`; a name of null: `**value`. */
export interface NamedArgument {
  name: string | null;
  value: Node;
}

/** Of a lambda; `star`: it takes what is left over. */
export interface Parameter {
  name: string;
  star: '' | '*' | '**';
  keywordOnly: boolean;
  fallback: Node | null;
}

/** What a loop binds: a name, or several by unpacking. */
export type Target = string | { items: Target[]; starred: number | null };

/** `for a, b in iterable if condition if ...` */
export interface Clause {
  target: Target;
  iterable: Node;
  conditions: Node[];
}

/** A piece of an f-string: its text, or a field with conversion and format spec. */
export type FormatPart = string | { value: Node; conversion: 'r' | 's' | 'a' | ''; spec: FormatPart[] };
