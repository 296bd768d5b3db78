/** One claim of the proof. */
export interface Check {
  name: string;
  isTrue: boolean;
  /** What was counted. */
  counts: string;
  /** What contradicts it. */
  details: string[];
}

const MOST_DETAILS = 20;

/** A claim that holds when nothing contradicts it. */
export function check(name: string, counts: string, details: readonly string[]): Check {
  const more = details.length - MOST_DETAILS;
  return {
    name,
    isTrue: details.length === 0,
    counts,
    details: [...details.slice(0, MOST_DETAILS), ...(more > 0 ? [`and ${more} more`] : [])],
  };
}
