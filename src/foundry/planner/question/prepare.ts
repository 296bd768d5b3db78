import { replaceTimes, type TimeSpan } from './dates.ts';

/** A question with its quoted texts, stretches of time and numbers taken out: `{q0}`, `{t0}`, `{n0}` point into the lists. */
export interface Prepared {
  text: string;
  quotes: string[];
  times: TimeSpan[];
  numbers: { value: number; raw: string }[];
}

const SCALES: Readonly<Record<string, number>> = {
  k: 1e3,
  thousand: 1e3,
  m: 1e6,
  million: 1e6,
  millions: 1e6,
  bn: 1e9,
  billion: 1e9,
};
const NUMBER =
  /(?<![\p{L}\d{_.-])[$€£]?(-?\d{1,3}(?:,\d{3})+(?:\.\d+)?|-?\d+(?:\.\d+)?)(?: ?(k|thousand|m|million|bn|billion))?(?![\p{L}\d_-])\s?%?/giu;
const SPELLED = 'one two three four five six seven eight nine ten eleven twelve'.split(' ');
const POLITE =
  /^(?:hi|hello|hey|please|kindly|could you|can you|would you|i want to know|i would like to (?:know|see)|i need|i want to see|do you know|tell me|let me know)\b[ ,]*/i;

/** Pure. The text keeps its capitals, has single spaces, and no articles or closing marks. */
export function prepare(question: string, now: Date): Prepared {
  const found: Prepared = { text: '', quotes: [], times: [], numbers: [] };
  let text = question.normalize('NFKC').replace(/[{}]/g, ' ').replace(/[‘’]/g, "'").replace(/[“”]/g, '"');
  text = text.replace(/"([^"]+)"|(?<=^|[\s(])'([^']+)'(?=$|[\s).,?!;])/g, (_, a, b) =>
    place('q', found.quotes, String(a ?? b)),
  );
  text = text
    .replace(/n't\b/g, ' not')
    .replace(/\bcannot\b/gi, 'can not')
    .replace(/\b(what|which|who|how|where|that|it)'s\b/gi, '$1 is');
  text = text
    .replace(/'s\b|(?<=s)'(?=\s)/g, '')
    .replace(/[\s]+/g, ' ')
    .trim();
  for (let at = 0; at < 3; at++) text = text.replace(POLITE, '');
  text = text.replace(/\b(sign|check|log)(?:ed|ged)? ?-?(up|in|out)s?\b/gi, '$1$2');
  text = text.replace(/(?<=\b\p{Lu})&(?=\p{Lu}\b)/gu, '');
  text = replaceTimes(text, now, (span) => place('t', found.times, span));
  text = replaceNumbers(text, found);
  found.text = text
    .replace(/(>=|<=|<>|!=|=|<|>)/g, ' $1 ')
    .replace(/[?!;:()[\]]|\.(?=\s|$)/g, ' ')
    .replace(/,/g, ' , ')
    .replace(/(?<=\p{L}{2})[-/_](?=\p{L})|(?<=\p{L})[-/_](?=\p{L}{2})/gu, ' ')
    .replace(
      /(?<=\s)(?:the|an?|please|thanks|thank you)(?=\s|$)|^(?:the|an?|please)(?=\s)|(?<=\s)The(?=\s)/g,
      ' ',
    )
    .replace(/^(?:The|An?|Please)(?=\s)/, '')
    .replace(/\s+/g, ' ')
    .trim();
  return found;
}

function replaceNumbers(text: string, found: Prepared): string {
  const spelled = new RegExp(`\\b(${SPELLED.slice(1).join('|')})\\b(?= \\p{L})`, 'giu');
  return text
    .replace(spelled, (word) => String(SPELLED.indexOf(word.toLowerCase()) + 1))
    .replace(NUMBER, (raw, digits, scale) => {
      const value = Number(String(digits).replaceAll(',', '')) * (SCALES[String(scale).toLowerCase()] ?? 1);
      return place('n', found.numbers, { value, raw: raw.trim() });
    });
}

function place<T>(kind: string, list: T[], value: T): string {
  return ` {${kind}${list.push(value) - 1}} `;
}
