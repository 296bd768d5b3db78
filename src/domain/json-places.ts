/** Where things are in a JSON text. Lines begin with 1. */
export interface JsonPlaces {
  /** The line at which the text stops being JSON; null: it is JSON all through. */
  brokenLine: number | null;
  /** The line of a key, or of an item of a list. Of what is not there, that of what would hold it. */
  lineOf(path: readonly PropertyKey[]): number;
  /** Keys an object has twice: JSON.parse takes the last and says nothing. */
  repeated: { path: string[]; line: number }[];
}

/** Reads a JSON text for its places, in time and memory in proportion to it, however deep it is. */
export function jsonPlaces(text: string): JsonPlaces {
  const lines = new Map<string, number>();
  const repeated: JsonPlaces['repeated'] = [];
  const reader = createReader((path, line, isKey) => {
    const name = JSON.stringify(path);
    if (isKey && lines.has(name)) repeated.push({ path: [...path], line });
    lines.set(name, line);
  });
  let line = 1;
  let isJson = true;
  for (const [token] of text.matchAll(TOKENS)) {
    if (token === '\n') line += 1;
    else if (token.trim() !== '') isJson = reader.take(token, line);
    if (!isJson) break;
  }
  return {
    brokenLine: isJson && reader.isDone() ? null : line,
    repeated,
    lineOf(path) {
      const names = path.map(String);
      for (let length = names.length; length > 0; length--) {
        const known = lines.get(JSON.stringify(names.slice(0, length)));
        if (known !== undefined) return known;
      }
      return 1;
    },
  };
}

/** A newline, other space, a token, or a character that begins none. */
const TOKENS =
  /\n|[ \t\r]+|"(?:[^"\\\p{Cc}]|[\x7f-\x9f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|./gsu;
const SCALAR = /^(?:".*"|-?\d.*|true|false|null)$/s;

/** What may come next. */
type Expected = 'value' | 'item' | 'key' | 'next key' | 'colon' | 'comma' | 'nothing';

interface Frame {
  isObject: boolean;
  /** The key or the index whose value is next or under way. */
  at: string;
}

/** Takes tokens one by one; false: this one cannot stand here. */
function createReader(onPlace: (path: readonly string[], line: number, isKey: boolean) => void) {
  const frames: Frame[] = [];
  let expected: Expected = 'value';

  function take(token: string, line: number): boolean {
    switch (expected) {
      case 'key':
        return token === '}' ? close() : key(token, line);
      case 'next key':
        return key(token, line);
      case 'colon':
        return then(token === ':', 'value');
      case 'item':
        return token === ']' ? close() : value(token, line);
      case 'value':
        return value(token, line);
      case 'comma':
        return token === ',' ? comma() : close(token);
      case 'nothing':
        return false;
    }
  }

  function key(token: string, line: number): boolean {
    const frame = frames.at(-1);
    if (!frame || token.length < 2 || !token.startsWith('"')) return false;
    frame.at = String(JSON.parse(token));
    onPlace(path(), line, true);
    return then(true, 'colon');
  }

  function value(token: string, line: number): boolean {
    if (frames.at(-1)?.isObject === false) onPlace(path(), line, false);
    if (token === '{' || token === '[') {
      frames.push({ isObject: token === '{', at: '0' });
      return then(true, token === '{' ? 'key' : 'item');
    }
    return then(SCALAR.test(token), after());
  }

  function comma(): boolean {
    const frame = frames.at(-1);
    if (!frame) return false;
    if (!frame.isObject) frame.at = String(Number(frame.at) + 1);
    return then(true, frame.isObject ? 'next key' : 'value');
  }

  function close(token?: string): boolean {
    const frame = frames.at(-1);
    if (!frame || (token !== undefined && token !== (frame.isObject ? '}' : ']'))) return false;
    frames.pop();
    return then(true, after());
  }

  function then(isRight: boolean, next: Expected): boolean {
    expected = next;
    return isRight;
  }
  const after = (): Expected => (frames.length === 0 ? 'nothing' : 'comma');
  const path = () => frames.map(({ at }) => at);
  return { take, isDone: () => expected === 'nothing' };
}
