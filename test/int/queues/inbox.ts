/** Collects what arrives; a test waits for a count instead of a time. */
export interface Inbox<Item> {
  items: Item[];
  put(item: Item): void;
  /** Resolves with the items once there are this many. */
  hold(count: number): Promise<Item[]>;
}

export function createInbox<Item>(): Inbox<Item> {
  const items: Item[] = [];
  const waiting: { count: number; resolve(): void }[] = [];
  return {
    items,
    put(item) {
      items.push(item);
      for (const { count, resolve } of waiting) if (items.length >= count) resolve();
    },
    async hold(count) {
      if (items.length < count) await new Promise<void>((resolve) => waiting.push({ count, resolve }));
      return items;
    },
  };
}
