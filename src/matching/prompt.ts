import type { FieldProfile, FieldProfiles } from '../domain/mapping.ts';
import { clipTokens, estimateTokens } from '../domain/token-estimate.ts';
import { pythonType } from './prompt/python-type.ts';
import { columnText, createShownNames, isOdd, type ShownNames } from './prompt/shown-names.ts';
import { valueShape } from './prompt/value-shape.ts';
import type { Candidate } from './rank.ts';
import { typeFamily } from './type-families.ts';

export { ANSWER_SCHEMA, SYSTEM_PROMPT } from './prompt/system.ts';

export interface PromptInput {
  stream: string;
  table: string;
  /** Those to be asked about, in the source's order. */
  fields: readonly string[];
  source: FieldProfiles;
  target: FieldProfiles;
  /** What is staged of a field, as format_type() prints it. */
  staged: ReadonlyMap<string, { stagingType: string }>;
  /** Columns no field may get. */
  reserved: ReadonlySet<string>;
  ranking: Record<string, readonly Candidate[]>;
}

/** One question: a few thousand tokens at most, whatever the names are. */
export interface FieldQuestion {
  /** JSON; all of it is data. */
  user: string;
  fields: readonly string[];
  /** Of one field with a name that could be read as an order. */
  isAlone: boolean;
  maxOutputTokens: number;
  /** The field or column an answer means; undefined: none that was asked about or offered. */
  fieldNamed(shown: string): string | undefined;
  columnNamed(shown: string): string | undefined;
}

/** Estimated generously; with the system prompt and the answer's schema a question stays below 8,000. */
const MOST_TOKENS = 6_900;
const FIELDS_A_QUESTION = 30;
const CANDIDATES_A_FIELD = 6;
/** A target no larger than this is shown whole: then the model may know better than the ranking. */
const WHOLE_TARGET = { columns: 60, tokens: 2_500 };
export const MOST_ALONE = 300;
const TEXT_TOKENS = { type: 12, description: 14, example: 8, place: 40 };
const OUTPUT_TOKENS_A_FIELD = 150;
const TYPE = /^[A-Za-z_][\w ,.()[\]<>|-]{0,39}$/;

export interface FieldQuestions {
  questions: FieldQuestion[];
  /** More oddly named fields than there is ever time to ask about, one by one. */
  leftOut: string[];
}

/**
 * The questions that are asked about the fields of a stream, those about oddly named ones last: each with its likeliest columns, and what
 * those are. No sample value leaves.
 */
export function questionsFor(input: PromptInput): FieldQuestions {
  const odd = input.fields.filter(isOdd);
  const together = input.fields.filter((field) => !isOdd(field));
  const whole = wholeTarget(input);
  const questions: FieldQuestion[] = [];
  for (let rest = together; rest.length > 0; ) {
    const question = questionOf(input, rest, whole);
    questions.push(question);
    rest = rest.slice(question.fields.length);
  }
  const alone = odd
    .slice(0, MOST_ALONE)
    .map((field) => ({ ...questionOf(input, [field], whole), isAlone: true }));
  return { questions: [...questions, ...alone], leftOut: odd.slice(MOST_ALONE) };
}

/** A question about as many of the fields, from the first on, as have room in it. */
function questionOf(
  input: PromptInput,
  fields: readonly string[],
  whole: readonly string[] | null,
): FieldQuestion {
  const names = { fields: createShownNames(), columns: createShownNames(columnText) };
  const columns = new Map((whole ?? []).map((name) => [name, columnEntry(input, names.columns, name)]));
  const entries: object[] = [];
  let tokens = tokensOf([...columns.values()]) + 4 * TEXT_TOKENS.place;
  for (const field of fields.slice(0, FIELDS_A_QUESTION)) {
    const candidates = candidatesOf(input, field);
    const added = new Map(
      candidates
        .filter((name) => !columns.has(name))
        .map((name) => [name, columnEntry(input, names.columns, name)]),
    );
    const entry = fieldEntry(input, names, field, candidates);
    const cost = tokensOf([entry, ...added.values()]);
    if (entries.length > 0 && tokens + cost > MOST_TOKENS) break;
    tokens += cost;
    entries.push(entry);
    for (const [name, column] of added) columns.set(name, column);
  }
  return {
    user: JSON.stringify({
      source_stream: placeName(input.stream),
      target_table: placeName(input.table),
      columns: [...columns.values()],
      fields: entries,
    }),
    fields: fields.slice(0, entries.length),
    isAlone: false,
    maxOutputTokens: 100 + entries.length * OUTPUT_TOKENS_A_FIELD,
    fieldNamed: names.fields.named,
    columnNamed: names.columns.named,
  };
}

function fieldEntry(
  { source, staged }: PromptInput,
  names: { fields: ShownNames; columns: ShownNames },
  field: string,
  candidates: readonly string[],
): object {
  const stagingType = staged.get(field)?.stagingType;
  return {
    name: names.fields.shown(field),
    ...typeOf(source[field]),
    ...(stagingType === undefined ? {} : { v: pythonType(stagingType) }),
    ...given('values', valueShape(source[field]?.samples)),
    candidates: candidates.map((name) => names.columns.shown(name)),
  };
}

function columnEntry({ target }: PromptInput, names: ShownNames, name: string): object {
  const { description = '', samples = [] } = target[name] ?? {};
  // Of a schema file, not of anybody's rows.
  const examples = samples.slice(0, 2).map((sample) => clipTokens(String(sample), TEXT_TOKENS.example));
  return {
    name: names.shown(name),
    ...typeOf(target[name]),
    ...given('description', clipTokens(description, TEXT_TOKENS.description)),
    ...(examples.length > 0 ? { examples } : {}),
  };
}

/** Every question holds these names: one that could be read as an order is kept out of it. */
function placeName(name: string): string | null {
  return isOdd(name) ? null : clipTokens(name, TEXT_TOKENS.place);
}

/** As a type is written ("timestamp with time zone", "decimal(18,2)"); of anything else only what it may be. */
function typeOf(profile: FieldProfile | undefined): object {
  const type = profile?.type ?? '';
  const isType = TYPE.test(type) && type.split(/\s+/).length <= 4;
  return given('type', isType ? clipTokens(type, TEXT_TOKENS.type) : typeFamily(type));
}

function given(name: string, text: string | null): object {
  return text ? { [name]: text } : {};
}

function candidatesOf({ ranking, reserved }: PromptInput, field: string): string[] {
  const ranked = (ranking[field] ?? []).map(({ column }) => column);
  return ranked.filter((column) => !reserved.has(column)).slice(0, CANDIDATES_A_FIELD);
}

/** null: too large to be shown in every question. */
function wholeTarget(input: PromptInput): string[] | null {
  const columns = Object.keys(input.target).filter((name) => !input.reserved.has(name));
  if (columns.length > WHOLE_TARGET.columns) return null;
  const names = createShownNames(columnText);
  const tokens = tokensOf(columns.map((name) => columnEntry(input, names, name)));
  return tokens > WHOLE_TARGET.tokens ? null : columns;
}

function tokensOf(entries: readonly object[]): number {
  return entries.reduce((sum, entry) => sum + estimateTokens(JSON.stringify(entry)) + 1, 0);
}
