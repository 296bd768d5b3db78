import type { GuardCode, GuardVerdict } from '../../domain/foundry/guard.ts';

/** Thrown inside a guard by whatever finds something to refuse; `judged` makes a verdict of it. */
export class Refusal extends Error {
  readonly code: GuardCode;

  constructor(code: GuardCode, reason: string) {
    super(reason);
    this.name = 'Refusal';
    this.code = code;
  }
}

export function refuse(code: GuardCode, reason: string): never {
  throw new Refusal(code, reason);
}

/**
 * Runs one guard's work. A refusal is its verdict; anything else that is thrown is a fault of the guard or of its parser and refuses too:
 * what could not be judged does not run.
 */
export async function judged(
  judge: () => Promise<{ query: string; limited: boolean }> | { query: string; limited: boolean },
): Promise<GuardVerdict> {
  try {
    return { allowed: true, ...(await judge()) };
  } catch (error) {
    if (error instanceof Refusal) return { allowed: false, code: error.code, reason: error.message };
    return { allowed: false, code: 'guard.unparsable', reason: 'The query cannot be read: simplify it.' };
  }
}
