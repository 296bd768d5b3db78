import type { Node } from './ast.ts';
import { refuse } from './refusal.ts';

/** Refuses a literal template of str.format that reaches for attributes with an underscore. */
export function assertTemplate(template: string, node: Extract<Node, { kind: 'call' }>): void {
  const reach = /\{[^{}]*[.[](_[A-Za-z0-9_]*)/.exec(template.replaceAll('{{', ''));
  if (reach)
    throw refuse('construct_not_supported', `The template field "{...${reach[1]}}" of format()`, node.pos);
}
