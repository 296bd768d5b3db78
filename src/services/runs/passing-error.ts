import { AppError } from '../../errors.ts';

/** SQLSTATEs that say nothing about the statement: connection, authorization, rollback, resources, locks, operator, disk. */
const SQLSTATE = /^(?:08|28|40|53|55P03|57P|58)/;
const SYSTEM =
  /^(?:ECONNREFUSED|ECONNRESET|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|EMFILE|ENFILE|ENOMEM|ENOSPC)$/;
/** What `pg` says without a code when a connection ends under a query or cannot be had in time. */
const CONNECTION =
  /^(?:Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Cannot use a pool after calling end)/;
const MAX_DEPTH = 5;

/** Whether an error, or what caused it, says that something of ours is away or full for now: the same work may succeed later, however often it has not. */
export function isPassing(error: unknown): boolean {
  let at = error;
  for (let depth = 0; depth < MAX_DEPTH && at instanceof Error; depth++) {
    if (at instanceof AppError) return at.retry === 'transient';
    if (CONNECTION.test(at.message) || hasPassingCode(at)) return true;
    at = at.cause;
  }
  return false;
}

function hasPassingCode(error: Error): boolean {
  if (!('code' in error) || typeof error.code !== 'string') return false;
  return SYSTEM.test(error.code) || (/^[0-9A-Z]{5}$/.test(error.code) && SQLSTATE.test(error.code));
}
