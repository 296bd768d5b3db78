/** Codes of the drivers for a connection that is not there, and SQLSTATEs of a server that is starting, stopping or full. */
const DOWN =
  /^(ECONNREFUSED|ECONNRESET|ENOTFOUND|ETIMEDOUT|EPIPE|ENOENT|CONNECTION_(CLOSED|ENDED|DESTROYED)|CONNECT_TIMEOUT|08\w{3}|57P0[123]|53300)$/;
/** What `pg` says without a code when a connection ends under a query or cannot be had in time. */
const DOWN_MESSAGE =
  /^(Connection terminated|Cannot use a pool after calling end|timeout exceeded when trying to connect|Client has encountered a connection error|Cannot use a pool after calling end)/;
const MAX_DEPTH = 5;

/** Whether an error, or what caused it, says that Postgres cannot be reached: the same work may succeed later. */
export function isDatabaseDown(error: unknown): boolean {
  let at = error;
  for (let depth = 0; depth < MAX_DEPTH && at instanceof Error; depth++) {
    if ('code' in at && typeof at.code === 'string' && DOWN.test(at.code)) return true;
    if (DOWN_MESSAGE.test(at.message)) return true;
    at = at.cause;
  }
  return false;
}
