import type { FieldProfile } from '../../domain/mapping.ts';
import { type NumberStyle, readNumberStyle } from './number-style.ts';
import { NOTHING, PATTERNS, quoted, type TransformProposal } from './transform-proposal.ts';
import { saysFraction, unitConversion } from './units.ts';
import {
  isNumeric,
  isTextual,
  mostly,
  nullNote,
  orNone,
  patternOrNone,
  type SourceColumn,
  type SourceValues,
} from './values.ts';

type Target = FieldProfile & { name: string };

export function toNumber(values: SourceValues, source: SourceColumn, target: Target): TransformProposal {
  if (!isNumeric(values) && !isTextual(values)) return NOTHING;
  return (
    fromCents(values, source, target) ??
    fromUnits(values, source, target) ??
    (values.kind === 'text' ? fromText(values, target) : NOTHING)
  );
}

function fromCents(values: SourceValues, source: SourceColumn, target: Target): TransformProposal | null {
  if (!saysCents(source) || saysCents(target)) return null;
  if (!values.texts.every((text) => /^-?\d+$/.test(text))) return null;
  return {
    expression: patternOrNone(PATTERNS.cents, 'float(v)/100', values),
    note: `The source counts cents.${nullNote(values)}`,
  };
}

function saysCents({ name, description = '' }: Target): boolean {
  return (
    /(?:^|[^a-z])cents?(?:$|[^a-z])|Cents?(?:$|[^a-z])|minor_?units?/.test(name) ||
    /\bin (?:US )?cents\b|smallest currency unit|minor units?/i.test(description)
  );
}

function fromUnits(values: SourceValues, source: SourceColumn, target: Target): TransformProposal | null {
  const conversion = unitConversion(source, target);
  if (conversion === null || !values.texts.every((text) => Number.isFinite(Number(text)))) return null;
  const number = isDecimal(target) ? 'Decimal(str(v))' : 'float(v)';
  return {
    expression: orNone(`${number}${conversion.operation}`, values),
    note: `Both names state a unit: ${conversion.from} to ${conversion.to}.${nullNote(values)}`,
  };
}

function fromText(values: SourceValues, target: Target): TransformProposal {
  const style = readNumberStyle(values.texts, { whole: isWholeType(target) });
  if (style === null) return NOTHING;
  if (style === 'currencies')
    return { expression: null, note: 'The sample values are in several currencies: they need converting.' };
  if (style.steps.length === 0) return plainText(values, target);
  const asFraction = style.percent && saysFraction(target);
  const number = `${numberType(values, target, style)}(${cleaned(style)})${asFraction ? '/100' : ''}`;
  const only = style.steps.length === 1 && style.steps[0]?.from === ',' && style.steps[0].to === '';
  return {
    expression: only ? patternOrNone(`${number} if v else None`, number, values) : orNone(number, values),
    note:
      [`The sample values ${style.says.join(', ')}.`, percentNote(style, asFraction)].join('') +
      nullNote(values),
  };
}

/** Numbers as the load reads them: only what is no value needs care. */
function plainText(values: SourceValues, target: Target): TransformProposal {
  if (!values.hasBlanks && values.nullWords.length === 0) return NOTHING;
  const number = numberType(values, target, null);
  return {
    expression: orNone(`${number}(v)`, values),
    note: `Not every value is a number.${nullNote(values)}`,
  };
}

function percentNote({ percent }: NumberStyle, asFraction: boolean): string {
  if (!percent) return '';
  return asFraction
    ? ' The column holds a fraction: 45% becomes 0.45.'
    : ' The column takes the number as written: 45% becomes 45.';
}

function cleaned({ steps }: NumberStyle): string {
  return steps.reduce(
    (text, { from, to }) =>
      from === '%' ? `${text}.strip().rstrip('%')` : `${text}.replace(${quoted(from)}, ${quoted(to)})`,
    'v',
  );
}

/** A decimal column takes every digit as written; a float of more than 15 would not. */
function numberType({ texts }: SourceValues, target: Target, style: NumberStyle | null): string {
  if (isDecimal(target)) return 'Decimal';
  const isWhole = mostly(texts, (text) => !(style ? style.fraction(text) : /[.eE]/.test(text)));
  return isWholeType(target) && isWhole && !style?.percent ? 'int' : 'float';
}

function isDecimal({ type = '' }: Target): boolean {
  return /^\s*(?:dec|numeric)/i.test(type);
}

function isWholeType({ type = '' }: Target): boolean {
  return /^\s*(?:u?int|long|big|small|tiny)/i.test(type);
}
