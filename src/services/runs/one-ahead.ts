/**
 * What `work` makes of each item, one after the other; while a result is used the next is already being made and the item after it
 * read. Leaving ends the source too.
 */
export async function* oneAhead<Item, Result>(
  source: AsyncIterable<Item>,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  let coming: Promise<Result> | undefined;
  for await (const item of source) {
    const before = coming;
    coming = before ? before.then(() => work(item)) : work(item);
    // whoever stops listening leaves it unheard
    coming.catch(() => {});
    if (before) yield await before;
  }
  if (coming) yield await coming;
}
