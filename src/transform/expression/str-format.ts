import type { FormatPart, Node } from './ast.ts';
import { refuse } from './refusal.ts';

type Call = Extract<Node, { kind: 'call' }>;

const PIECE = /\{\{|\}\}|\{([^{}!:]*)(?:!([a-z]))?(?::((?:[^{}]|\{[^{}]*\})*))?\}|[^{}]+|[{}]/g;

/** The template of `'...'.format(...)` with its arguments put in place, as the pieces of an f-string. */
export function templateParts(template: string, call: Call): FormatPart[] {
  let next = 0;
  const field = (name: string): Node => {
    const number = name === '' ? next++ : /^\d+$/.test(name) ? Number(name) : null;
    const found =
      number === null ? call.named.find((argument) => argument.name === name)?.value : call.args[number];
    if (found) return found;
    const reason = /[.[]/.test(name) ? 'construct_not_supported' : 'syntax';
    throw refuse(reason, `The field "{${name}}" of format() has no argument of that name`, call.pos);
  };
  const read = (text: string): FormatPart[] =>
    [...text.matchAll(PIECE)].map(([all, name, conversion, spec]): FormatPart => {
      if (all === '{{' || all === '}}') return all.charAt(0);
      if (all === '{' || all === '}')
        throw refuse('syntax', `A single "${all}" in a format template`, call.pos);
      if (name === undefined) return all;
      if (conversion !== undefined && conversion !== 'r' && conversion !== 's') {
        throw refuse('construct_not_supported', `The conversion !${conversion}`, call.pos);
      }
      return { value: field(name), conversion: conversion ?? '', spec: read(spec ?? '') };
    });
  return read(template);
}
