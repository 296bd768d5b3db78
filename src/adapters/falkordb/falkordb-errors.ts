import { AppError, InvalidError, UnavailableError } from '../../errors.ts';
import { engineWords } from '../../foundry/engine-words.ts';

/** `reply`: the server answered with an error; `answer`: with what cannot be read; `closed`: with nothing. */
export class FalkorError extends Error {
  readonly kind: 'reply' | 'answer' | 'closed';

  constructor(kind: FalkorError['kind'], message: string) {
    super(message);
    this.name = 'FalkorError';
    this.kind = kind;
  }
}

/** The user is not there (yet, or since the server was started anew), or may not what it must. */
export function isLoginRefused(error: unknown): boolean {
  return error instanceof FalkorError && /^(WRONGPASS|NOAUTH|NOPERM)/.test(error.message);
}

/** What the server or the network threw, in Ivory's terms; anything that is neither (an abort's reason) as it is. */
export function translated(error: unknown): unknown {
  if (error instanceof AppError) return error;
  if (error instanceof FalkorError) return ofServer(error);
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return unavailable(error);
  return error;
}

function ofServer(error: FalkorError): AppError {
  const { kind, message } = error;
  if (kind !== 'reply' || /^(LOADING|BUSY|MASTERDOWN|WRONGPASS|NOAUTH|MISCONF|OOM)/.test(message))
    return unavailable(error);
  if (/timed out/i.test(message))
    return new InvalidError('foundry.timeout', 'FalkorDB ended the query: it took too long.', {
      cause: error,
    });
  if (message.startsWith('NOPERM'))
    return new InvalidError('foundry.query_failed', 'The query is refused: this graph is not yours.', {
      cause: error,
    });
  return new InvalidError('foundry.query_failed', engineWords(message.replace(/^ERR /, '')), {
    cause: error,
  });
}

export function unavailable(cause?: unknown): UnavailableError {
  return new UnavailableError('foundry.store_unavailable', 'FalkorDB does not answer.', { cause });
}
