import type { PluginSetting } from './plugin.ts';

type Kind = PluginSetting['kind'];

const MUST_BE: Record<Exclude<Kind, 'options'>, string> = {
  string: 'must be text',
  integer: 'must be a whole number',
  number: 'must be a number',
  boolean: 'must be true or false',
  date: 'must be a date as "2024-01-31" or "2024-01-31T08:00:00Z"',
  array: 'must be a list',
  object: 'must be an object',
};

const ISO_DATE = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

/** What is wrong with a given value, without the value; null: nothing. */
export function wrongValue({ kind, options = [] }: PluginSetting, value: unknown): string | null {
  if (kind === 'options') {
    const isOne = options.some((option) => option === value || String(option) === value);
    return isOne ? null : `must be one of ${options.map((option) => JSON.stringify(option)).join(', ')}`;
  }
  return isOfKind(kind, value) ? null : MUST_BE[kind];
}

/** As Meltano casts them: numbers, booleans, lists and objects may be written as text. */
function isOfKind(kind: Exclude<Kind, 'options'>, value: unknown): boolean {
  switch (kind) {
    case 'string':
      return typeof value === 'string';
    case 'integer':
      return Number.isInteger(value) || (typeof value === 'string' && /^\s*[+-]?\d+\s*$/.test(value));
    case 'number':
      return Number.isFinite(value) || (typeof value === 'string' && Number.isFinite(numberOf(value)));
    case 'boolean':
      return (
        typeof value === 'boolean' ||
        (typeof value === 'string' && /^(true|false|1|0|yes|no|on|off|t|f|y|n)$/i.test(value))
      );
    case 'date':
      return (
        typeof value === 'string' && ISO_DATE.test(value) && !Number.isNaN(Date.parse(value.slice(0, 10)))
      );
    case 'array':
      return Array.isArray(typeof value === 'string' ? parsed(value) : value);
    case 'object':
      return isObject(typeof value === 'string' ? parsed(value) : value);
  }
}

function numberOf(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text);
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
