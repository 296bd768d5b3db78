const CODES: readonly string[] = ['run.no_runner', 'runner.no_sandbox', 'config.no_key'];

/** Whether a refusal is for the operator to mend and says nothing of the source: the breaker does not count it. */
export function isOperatorsFault(errorCode: string): boolean {
  return CODES.includes(errorCode);
}
