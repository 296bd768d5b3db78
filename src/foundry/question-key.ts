const QUOTES_AND_ENDS = /["'`´“”‘’«»„‚()[\]{}…¿¡!?]/g;
/** Not in "1.5", ".5", "10:30". */
const STOPS = /[.,;:](?!\d)/g;

/** The same for two ways to write one question: case, punctuation and spaces aside. Nothing is guessed: another word is another question. */
export function questionKey(question: string): string {
  return question
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(QUOTES_AND_ENDS, ' ')
    .replaceAll(STOPS, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
}
