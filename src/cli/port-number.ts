import { InvalidError } from '../errors.ts';

/** Reads a TCP port from a command line. Throws InvalidError `cli.port`. */
export function portNumber(text: string, option = '--port'): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new InvalidError(
    'cli.port',
    `${option} ${text} is not a TCP port; give a number from 0 (any free one) to 65535.`,
  );
}
