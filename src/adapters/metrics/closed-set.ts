/** Few enough that a label can never fill a store of metrics. */
const MOST = 100;
const FORM = /^[\w.:/{}*-]{1,120}$/;

/** Makes any text a value of a small set: what is not like a name, and what comes after the first hundred, is "other". */
export function createClosedSet(known: readonly string[] = []): (value: string) => string {
  const values = new Set(known);
  return (value) => {
    if (values.has(value)) return value;
    if (values.size >= MOST || !FORM.test(value)) return 'other';
    values.add(value);
    return value;
  };
}
