/**
 * Makes calls that say "look now" few: those that come while one is under way share the next, which begins after it. Each caller's
 * promise is that of a call that began after theirs.
 */
export function coalesce(send: () => Promise<void>): () => Promise<void> {
  let current: Promise<void> = Promise.resolve();
  let next: Promise<void> | null = null;
  return () => {
    next ??= current
      .catch(() => {})
      .then(() => {
        next = null;
        current = send();
        return current;
      });
    return next;
  };
}
