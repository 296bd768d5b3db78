import type { FieldProfile } from '../domain/mapping.ts';
import { typeFamily } from './type-families.ts';
import { profileValues, textOf, toNumber } from './value-profile.ts';

export interface TransformProposal {
  /** null: the values fit as they are, or nothing proves what they need. */
  expression: string | null;
  /** What the proposal rests on, or what a reviewer should look at. */
  note: string | null;
}

/** The documented patterns first; each is proposed only on evidence. */
export const PATTERNS = {
  isoDate: 'str(v)[:10] if v else None',
  cents: 'float(v)/100 if v else 0.0',
  upper: 'v.strip().upper() if v else None',
  trim: 'v.strip() if v else None',
  boolean: "v.strip().lower() in ('yes', 'y', 'true', 't', '1') if v else None",
  percent: "float(v.strip().rstrip('%')) if v else None",
  thousands: "float(v.replace(',', '')) if v else None",
} as const;

const NOTHING: TransformProposal = { expression: null, note: null };
const ISO = /^\d{4}-\d{2}-\d{2}/;

/** What a value of the source needs to become one of the target, judged by types, sample values and names. */
export function proposeTransform(
  source: FieldProfile & { name: string },
  target: FieldProfile & { name: string },
): TransformProposal {
  const samples = (source.samples ?? []).map(textOf).filter((text) => text !== '');
  const column = typeFamily(target.type);
  if (column === 'time') return toTime(source, target, samples);
  if (column === 'number') return toNumeric(source, samples);
  if (column === 'boolean') return toBoolean(source, samples);
  if (column === 'text') return toText(source, target, samples);
  return NOTHING;
}

function toTime(source: FieldProfile, target: FieldProfile, samples: readonly string[]): TransformProposal {
  const family = typeFamily(source.type);
  if (samples.length > 0 && samples.every((text) => /^\d{9,13}$/.test(text))) {
    const unit = samples.every((text) => text.length === 13) ? 'milliseconds' : 'seconds';
    return { expression: null, note: `The values look like ${unit} since 1970: they need converting.` };
  }
  const isDate = /^date$/i.test((target.type ?? '').trim());
  if (!isDate || source.type?.toLowerCase() === 'date' || family === 'number') return NOTHING;
  if (samples.length === 0) {
    return {
      expression: PATTERNS.isoDate,
      note: 'Takes the date from ISO 8601 text; no sample was at hand to check.',
    };
  }
  if (!samples.every((text) => ISO.test(text))) {
    return { expression: null, note: 'The sample values are no ISO dates: they need converting.' };
  }
  if (samples.every((text) => text.length === 10)) return NOTHING;
  return { expression: PATTERNS.isoDate, note: 'The sample values carry a time; the column holds the date.' };
}

function toNumeric(source: FieldProfile & { name: string }, samples: readonly string[]): TransformProposal {
  if (samples.length > 0 && samples.every((text) => /^-?[\d.]+\s?%$/.test(text))) {
    return { expression: PATTERNS.percent, note: 'The sample values end in "%".' };
  }
  const hasThousands = samples.some((text) => /^-?\d{1,3}(?:,\d{3})+(?:\.\d+)?$/.test(text));
  if (hasThousands && samples.every((text) => !Number.isNaN(toNumber(text)))) {
    return { expression: PATTERNS.thousands, note: 'The sample values have thousands separators.' };
  }
  return saysCents(source) && samples.every((text) => /^-?\d+$/.test(text))
    ? { expression: PATTERNS.cents, note: 'The source counts cents.' }
    : NOTHING;
}

function saysCents({ name, description = '' }: FieldProfile & { name: string }): boolean {
  return (
    /(?:^|[^a-z])cents?(?:$|[^a-z])|Cents?(?:$|[^a-z])|minor_?units?/.test(name) ||
    /\bin (?:US )?cents\b|smallest currency unit|minor units?/i.test(description)
  );
}

function toBoolean(source: FieldProfile, samples: readonly string[]): TransformProposal {
  if (typeFamily(source.type) === 'boolean' || samples.length === 0) return NOTHING;
  return profileValues(samples).kind === 'boolean'
    ? { expression: PATTERNS.boolean, note: 'The sample values are words for yes and no.' }
    : NOTHING;
}

function toText(source: FieldProfile, target: FieldProfile, samples: readonly string[]): TransformProposal {
  const family = typeFamily(source.type);
  if (family !== null && family !== 'text') return NOTHING;
  const codes = (target.samples ?? []).map(textOf).filter((text) => /\p{L}/u.test(text));
  const isUpper = codes.length > 1 && codes.every((text) => text === text.toUpperCase());
  const fits = samples.length > 0 && samples.every((text) => text === text.toUpperCase());
  if (isUpper && !fits) return { expression: PATTERNS.upper, note: 'The column holds upper-case codes.' };
  const raw = (source.samples ?? []).filter((value) => typeof value === 'string');
  return raw.some((value) => value !== value.trim())
    ? { expression: PATTERNS.trim, note: 'The sample values have spaces around them.' }
    : NOTHING;
}
