import type { WebhookOutcome } from '../../ports/webhook-sender.ts';

/** What OpenSSL and Node say of a certificate or a handshake. */
const TLS =
  /^(ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH|EPROTO$)/;
const PARSER = /^(HPE_|ERR_HTTP|ERR_INVALID_CHAR)/;

/** Why there was no answer, in words that tell nothing of our own network. */
export function failureOf(error: unknown, { timedOut }: { timedOut: boolean }): WebhookOutcome {
  if (timedOut) return { kind: 'failed', fault: 'timeout', message: 'no answer in time' };
  const code = codeOf(error);
  if (TLS.test(code)) return { kind: 'failed', fault: 'tls_failed', message: `TLS failed: ${code}` };
  if (PARSER.test(code)) return { kind: 'failed', fault: 'answer_invalid', message: 'the answer is no HTTP' };
  return { kind: 'failed', fault: 'connection_failed', message: wordsOf(code) };
}

function wordsOf(code: string): string {
  switch (code) {
    case 'ECONNREFUSED':
      return 'the connection was refused';
    case 'ECONNRESET':
    case 'EPIPE':
      return 'the connection was closed before an answer came';
    default:
      return 'no connection';
  }
}

/** An attempt at several addresses fails with all their errors; the first is as good as any. */
function codeOf(error: unknown): string {
  const one = error instanceof AggregateError ? error.errors[0] : error;
  return one instanceof Error && 'code' in one ? String(one.code) : '';
}
