export interface Seldom {
  /** An answer serves for so long. */
  keepMs: number;
  /** Nobody waits longer for one. */
  withinMs: number;
}

/**
 * Asks seldom, however often it is called: an answer is kept, one question is under way at a time. null: the last one failed, or has not
 * been answered in time; who asks again soon is told so at once.
 */
export function seldom<Answer>(
  ask: () => Promise<Answer>,
  { keepMs, withinMs }: Seldom,
  clockMs: () => number = () => performance.now(),
): () => Promise<Answer | null> {
  let last: { answer: Answer | null; atMs: number } | null = null;
  let underWay: Promise<void> | null = null;
  const keep = (answer: Answer | null) => {
    last = { answer, atMs: clockMs() };
  };
  const askOnce = () =>
    ask()
      .then(keep, () => keep(null))
      .finally(() => {
        underWay = null;
      });
  return async () => {
    if (last && clockMs() - last.atMs < keepMs) return last.answer;
    underWay ??= askOnce();
    if (!(await settlesWithin(underWay, withinMs))) keep(null);
    return last?.answer ?? null;
  };
}

async function settlesWithin(work: Promise<void>, timeoutMs: number): Promise<boolean> {
  const late = Promise.withResolvers<false>();
  const timer = setTimeout(() => late.resolve(false), timeoutMs);
  const settled = await Promise.race([work.then(() => true), late.promise]);
  clearTimeout(timer);
  return settled;
}
