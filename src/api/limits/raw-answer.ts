import { randomUUID } from 'node:crypto';
import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { AppError } from '../../errors.ts';
import { SECURITY_HEADERS } from '../middleware/security-headers.ts';
import { problemOf } from '../problem.ts';

/** Time a client has to read why its connection ends; ending at once would take the answer from who is still sending. */
const LINGER_MS = 500;

/** Answers a request that never gets to the app, and ends its connection. */
export function answerProblem(response: ServerResponse, error: AppError): void {
  const { status, headers, body } = problemAnswer(error);
  response.writeHead(status, headers);
  response.end(body);
}

/** The same where there is no request to answer: what came was not HTTP, not whole, or not wanted. */
export function endWithProblem(socket: Socket, error: AppError): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const { status, headers, body } = problemAnswer(error);
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`);
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}

/** The same for who answers with a Response. */
export function problemResponse(error: AppError): Response {
  const { status, headers, body } = problemAnswer(error);
  return new Response(body, { status, headers });
}

function problemAnswer(error: AppError) {
  const problem = problemOf(error, randomUUID());
  const body = JSON.stringify(problem);
  const headers = {
    ...SECURITY_HEADERS,
    ...(error.retryAfterS === undefined ? {} : { 'Retry-After': String(error.retryAfterS) }),
    Connection: 'close',
    'Content-Type': 'application/problem+json',
    'Content-Length': String(Buffer.byteLength(body)),
    'X-Request-Id': problem.request_id,
  };
  return { status: problem.status, headers, body };
}
