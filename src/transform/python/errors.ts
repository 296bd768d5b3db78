/** An exception of the expression's own world: it marks its value and nothing else. */
export class PyError extends Error {
  readonly type: string;

  constructor(type: string, message: string) {
    super(message);
    this.type = type;
  }
}

export function fail(type: string, message: string): PyError {
  return new PyError(type, message);
}
