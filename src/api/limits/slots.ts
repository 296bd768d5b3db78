export interface Slots {
  /** Answers how to give the slot back, once; null when the key has all it may have. */
  take(key: string): (() => void) | null;
}

/** So many at once for each key. Only keys that have a slot are remembered. */
export function createSlots(perKey: number): Slots {
  const taken = new Map<string, number>();
  return {
    take(key) {
      const mine = taken.get(key) ?? 0;
      if (mine >= perKey) return null;
      taken.set(key, mine + 1);
      return () => {
        const left = (taken.get(key) ?? 1) - 1;
        if (left > 0) taken.set(key, left);
        else taken.delete(key);
      };
    },
  };
}
