import type { FieldProfile } from '../../domain/mapping.ts';
import { readDateFormat } from './date-formats.ts';
import { readEpoch, saysEpoch } from './epochs.ts';
import { NOTHING, PATTERNS, type TransformProposal } from './transform-proposal.ts';
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

const ISO_PREFIX = /^\d{4}-\d{2}-\d{2}(?:$|[T ]\d)/;
/** What the cast of a load reads. */
const ISO =
  /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,6}0*)?)?\s*(?:Z|[+-]\d\d(?::?\d\d(?::?\d\d)?)?)?)?$/i;

export function toTime(
  values: SourceValues,
  source: SourceColumn,
  target: FieldProfile & { name: string },
): TransformProposal {
  if (/^time\b/i.test(target.type ?? '') && !/^timestamp/i.test(target.type ?? '')) return NOTHING;
  const isDate = /^date$/i.test((target.type ?? '').trim());
  if (values.texts.length === 0) return unseen(values, source, isDate);
  if (values.kind === 'datetime')
    return isDate
      ? { expression: PATTERNS.isoDate, note: 'The source has a time of day; the column holds the date.' }
      : NOTHING;
  if (!isNumeric(values) && !isTextual(values)) return NOTHING;
  return fromEpoch(values, isDate) ?? fromText(values, isDate);
}

/** Without a value to look at only what holds for any spelling of ISO 8601, or what the name says. */
function unseen(values: SourceValues, source: SourceColumn, isDate: boolean): TransformProposal {
  if (isNumeric(values)) {
    const unit = saysEpoch(source);
    if (unit === null) return NOTHING;
    const answer = unit.answer('int(v)', isDate);
    return {
      expression: `${answer} if v else None`,
      note: `The name says ${unit.name} since 1970; no sample was at hand to check.`,
    };
  }
  if (!isDate || values.kind === 'date' || !(isTextual(values) || values.kind === 'datetime')) return NOTHING;
  return {
    expression: PATTERNS.isoDate,
    note: 'Takes the date from ISO 8601 text; no sample was at hand to check.',
  };
}

function fromEpoch(values: SourceValues, isDate: boolean): TransformProposal | null {
  const unit = readEpoch(values.texts);
  if (unit === null) return null;
  const isWhole = values.texts.every((text) => /^\d+$/.test(text));
  const answer = unit.answer(isWhole ? 'int(v)' : 'float(v)', isDate);
  return {
    expression: patternOrNone(`${answer} if v else None`, answer, values),
    note: `The sample values are ${unit.name} since 1970.${nullNote(values)}`,
  };
}

function fromText(values: SourceValues, isDate: boolean): TransformProposal {
  if (isTextual(values) && mostly(values.texts, (text) => (isDate ? ISO_PREFIX : ISO).test(text)))
    return fromIso(values, isDate);
  const found = readDateFormat(values.texts);
  if (found.format === null) return { expression: null, note: found.note };
  const text = isNumeric(values) ? 'str(int(v))' : 'v.strip()';
  const answer = `datetime.strptime(${text}, '${found.format}')${isDate ? '.date()' : ''}`;
  return { expression: orNone(answer, values), note: `${found.note}${nullNote(values)}` };
}

function fromIso(values: SourceValues, isDate: boolean): TransformProposal {
  if (isDate && values.texts.some((text) => text.length > 10)) {
    return {
      expression: patternOrNone(PATTERNS.isoDate, 'v.strip()[:10]', values),
      note: `The sample values carry a time; the column holds the date.${nullNote(values)}`,
    };
  }
  if (!values.hasBlanks && values.nullWords.length === 0) return NOTHING;
  return { expression: orNone('v.strip()', values), note: `Not every value is a date.${nullNote(values)}` };
}
