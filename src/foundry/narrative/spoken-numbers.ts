/** A number as a sentence says it. */
export interface SpokenNumber {
  /** What it may mean, each with how far the real number may be from it: "1.234" is two. */
  readings: { value: number; tolerance: number }[];
  /** "14 %" */
  isPercent: boolean;
  /** "1st", "#2", "top 3": a place, not an amount. */
  isPlace: boolean;
}

const SCALES: Record<string, number> = {
  k: 1e3,
  thousand: 1e3,
  m: 1e6,
  mn: 1e6,
  mio: 1e6,
  million: 1e6,
  b: 1e9,
  bn: 1e9,
  billion: 1e9,
  t: 1e12,
  tn: 1e12,
  trillion: 1e12,
};
const UNITS =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen';
const TENS = 'twenty thirty forty fifty sixty seventy eighty ninety';
const WORDS = new Map<string, number>([
  ...UNITS.split(' ').map((word, value): [string, number] => [word, value]),
  ...TENS.split(' ').map((word, at): [string, number] => [word, (at + 2) * 10]),
  ['dozen', 12],
  ['hundred', 100],
]);
const A_WORD = [...WORDS.keys()].join('|');

const APPROXIMATE =
  /(?:~|≈|\b(?:about|around|roughly|nearly|almost|approximately|approx\.?|circa|some|over|under|(?:more|less|fewer) than|at (?:least|most)|up to|just|close to))\s*[$€£]?$/i;
const PLACE_BEFORE = /(?:#|\b(?:no\.|number|rank(?:ed|s)?|place|top|bottom|first|last|position))\s*$/i;
const GROUP = ",.'’\\u00a0\\u202f";
const FIGURES = new RegExp(
  `(?<digits>\\d{1,3}(?:[${GROUP}]\\d{3})+(?:[.,]\\d+)?(?!\\d)|\\d+(?:[.,]\\d+)?)` +
    '(?<unit>\\s?(?:%|per ?cent\\b|percentage\\b|pct\\b)|\\s?(?:k|thousand|mn|mio|millions?|bn|billions?|tn|trillions?)\\b|(?:m|b|t|st|nd|rd|th)\\b)?',
  'gi',
);
const IN_WORDS = new RegExp(
  `\\b(?<first>${A_WORD})(?:[- ](?<second>${A_WORD}))?(?:\\s+(?<unit>hundred|thousand|millions?|billions?|trillions?|per ?cent))?\\b`,
  'gi',
);

/** Every number a sentence says, in figures or in words. */
export function spokenNumbers(sentence: string): SpokenNumber[] {
  const figures = [...sentence.matchAll(FIGURES)].map((match) =>
    fromFigures(match.groups ?? {}, sentence.slice(0, match.index)),
  );
  const words = [...sentence.matchAll(IN_WORDS)]
    // "one" and "zero" alone are seldom numbers
    .filter(([text]) => !/^(?:one|zero)$/i.test(text))
    .map((match) => fromWords(match.groups ?? {}, sentence.slice(0, match.index)));
  return [...figures, ...words];
}

type Groups = Record<string, string | undefined>;

function fromFigures({ digits = '', unit = '' }: Groups, before: string): SpokenNumber {
  const scale = scaleOf(unit);
  const isApproximate = APPROXIMATE.test(before);
  return {
    readings: readingsOf(digits).map(({ value, decimals }) => {
      const step = isApproximate ? 10 ** zerosAtEnd(value) : 0.5;
      return { value: value * scale, tolerance: step * scale * 10 ** -decimals };
    }),
    isPercent: /%|per ?c|pct/i.test(unit),
    isPlace: /^(?:st|nd|rd|th)$/i.test(unit) || PLACE_BEFORE.test(before),
  };
}

function fromWords({ first = '', second = '', unit = '' }: Groups, before: string): SpokenNumber {
  const [a = 0, b = 0] = [first, second].map((word) => WORDS.get(word.toLowerCase()) ?? 0);
  const scale = /^hundred$/i.test(unit) ? 100 : scaleOf(unit);
  // "twenty five" is a sum, "two hundred" a product
  const value = b >= 100 || b === 12 ? a * b : a + b;
  const tolerance = scale * (APPROXIMATE.test(before) ? 10 ** zerosAtEnd(value) : 0.5);
  return {
    readings: [{ value: value * scale, tolerance }],
    isPercent: /^per/i.test(unit),
    isPlace: PLACE_BEFORE.test(before),
  };
}

function scaleOf(unit: string): number {
  return SCALES[unit.trim().toLowerCase().replace(/ns$/, 'n')] ?? 1;
}

/** As English writes it and as the continent does: "1.234" is both, "85,200" and "14,2" hardly. */
function readingsOf(digits: string): { value: number; decimals: number }[] {
  const bare = digits.replaceAll(/['’\u00a0\u202f]/g, '');
  const english = bare.replaceAll(',', '');
  const continental = bare.replaceAll('.', '').replace(',', '.');
  return [...new Set([english, continental])].flatMap((text) => {
    const value = Number(text);
    const decimals = text.split('.')[1]?.length ?? 0;
    return Number.isFinite(value) ? [{ value, decimals }] : [];
  });
}

function zerosAtEnd(value: number): number {
  return Number.isInteger(value) && value !== 0 ? (/0*$/.exec(String(value))?.[0].length ?? 0) : 0;
}
