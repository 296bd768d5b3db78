import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

export interface ChatRequest {
  model: string;
  messages: { role: string; content: string }[];
  response_format?: { type: string; json_schema?: { name: string; strict: boolean; schema: unknown } };
  max_completion_tokens?: number;
  max_tokens?: number;
  temperature?: number;
  stream?: boolean;
  stream_options?: { include_usage: boolean };
}

interface Usage {
  prompt: number;
  cached?: number;
  completion: number;
}

/** What the stub answers: a value to be given as the message's JSON, or text, or an error as OpenAI words it, or a misbehaviour. */
export type StubAnswer =
  | { json: unknown; finishReason?: string | null; usage?: Usage | null; model?: string }
  | { content: string; finishReason?: string | null }
  | { refusal: string }
  | { status: number; headers?: Record<string, string>; body?: unknown; code?: string | null; param?: string }
  /** Takes the request and says nothing, or nothing more after so many pieces of the answer. */
  | { hang: true; after?: number }
  /** Ends the connection without a word, or after so many pieces of the answer. */
  | { cut: true; after?: number }
  /** 200 and this text, whatever it is. */
  | { garbage: string; contentType?: string }
  /** Keep-alive comments for so long before the answer, as servers send them that think. */
  | { thinkMs: number; everyMs: number; json: unknown }
  /** An error in the middle of the stream, after the 200. */
  | { streamError: { message: string; type: string; code: string | null } };

export interface OpenAiStub {
  baseUrl: string;
  /** Every request in order, with the key and the address it came with. */
  requests: { body: ChatRequest; authorization: string | undefined; path: string }[];
  /** Requests that are neither answered nor given up by their client. */
  open(): number;
  close(): Promise<void>;
}

/** What this server understands of the protocol, as older and smaller ones understand less. */
export interface StubOptions {
  /** Path before /chat/completions. */
  prefix?: string;
  /** Parameters it refuses with 400, naming them as OpenAI does; `opaque` does not name them. */
  refuses?: readonly (keyof ChatRequest | 'json_schema' | 'json_object')[];
  opaque?: boolean;
  /** Answers in one JSON body even when asked to stream. */
  neverStreams?: boolean;
}

const PIECE = 24;
/** What OpenAI calls these statuses. */
const TYPES: Record<number, [type: string, code: string | null, message: string]> = {
  400: ['invalid_request_error', null, 'Invalid request.'],
  401: ['invalid_request_error', 'invalid_api_key', 'Incorrect API key provided: sk-te***st.'],
  403: ['invalid_request_error', null, 'Your organization has no access to this model.'],
  404: [
    'invalid_request_error',
    'model_not_found',
    'The model does not exist or you do not have access to it.',
  ],
  429: ['requests', 'rate_limit_exceeded', 'Rate limit reached for requests per min (RPM).'],
  500: ['server_error', null, 'The server had an error while processing your request.'],
  503: ['server_error', null, 'The engine is currently overloaded, please try again later.'],
};

/** A server on loopback that speaks the chat completions protocol, streaming included, and answers what the test says. */
export async function startOpenAiStub(
  answer: (request: ChatRequest, nth: number) => StubAnswer | Promise<StubAnswer>,
  { prefix = '/v1', ...options }: StubOptions = {},
): Promise<OpenAiStub> {
  const requests: OpenAiStub['requests'] = [];
  let open = 0;
  const server = createServer(async (incoming, response) => {
    open += 1;
    response.on('close', () => {
      open -= 1;
    });
    const body: ChatRequest = JSON.parse(await textOf(incoming));
    const nth = requests.push({
      body,
      authorization: incoming.headers.authorization,
      path: incoming.url ?? '',
    });
    if (incoming.method !== 'POST' || incoming.url !== `${prefix}/chat/completions`) {
      sendError(response, { status: 404 });
      return;
    }
    const refused = refusedOf(body, options.refuses ?? []);
    if (refused) {
      sendError(response, {
        status: 400,
        ...(options.opaque
          ? {}
          : {
              code: 'unsupported_parameter',
              param: refused,
              message: `Unsupported parameter: '${refused}'.`,
            }),
      });
      return;
    }
    await reply(response, options.neverStreams ? { ...body, stream: false } : body, await answer(body, nth));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  async function close() {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  return { baseUrl: `http://127.0.0.1:${port}${prefix}`, requests, open: () => open, close };
}

function refusedOf(body: ChatRequest, refuses: NonNullable<StubOptions['refuses']>): string | undefined {
  const format = body.response_format?.type;
  const found = refuses.find((name) => name === format || Object.hasOwn(body, name));
  return found === 'json_schema' || found === 'json_object' ? 'response_format' : found;
}

async function reply(response: ServerResponse, request: ChatRequest, answer: StubAnswer): Promise<void> {
  if ('status' in answer) return sendError(response, answer);
  if ('garbage' in answer) {
    response.writeHead(200, { 'content-type': answer.contentType ?? 'text/html' }).end(answer.garbage);
    return;
  }
  if (('hang' in answer || 'cut' in answer) && answer.after === undefined) {
    if ('cut' in answer) response.socket?.destroy();
    return;
  }
  if (request.stream) return stream(response, request, answer);
  const { text, refusal, finish, usage, model } = spoken(request, answer);
  const message = { role: 'assistant', content: refusal === null ? text : null, refusal };
  sendJson(response, 200, {
    ...envelope(model, 'chat.completion'),
    choices: [{ index: 0, message, finish_reason: finish, logprobs: null }],
    ...(usage ? { usage } : {}),
  });
}

async function stream(response: ServerResponse, request: ChatRequest, answer: StubAnswer): Promise<void> {
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
  });
  response.flushHeaders();
  if ('thinkMs' in answer) {
    for (let waitedMs = 0; waitedMs < answer.thinkMs; waitedMs += answer.everyMs) {
      response.write(': still processing\n\n');
      await wait(answer.everyMs);
    }
  }
  const { text, refusal, finish, usage, model } = spoken(request, answer);
  const event = (value: unknown) => response.write(`data: ${JSON.stringify(value)}\n\n`);
  const base = envelope(model, 'chat.completion.chunk');
  const isCounted = request.stream_options?.include_usage === true;
  const chunk = (delta: unknown, finish_reason: string | null = null) =>
    event({
      ...base,
      choices: [{ index: 0, delta, logprobs: null, finish_reason }],
      ...(isCounted ? { usage: null } : {}),
    });
  chunk({ role: 'assistant', content: '', refusal: null });
  if ('streamError' in answer) {
    event({ error: answer.streamError });
    response.end();
    return;
  }
  const pieces = piecesOf(refusal ?? text);
  const most = 'after' in answer ? (answer.after ?? pieces.length) : pieces.length;
  for (const piece of pieces.slice(0, most))
    chunk(refusal === null ? { content: piece } : { refusal: piece });
  if ('hang' in answer) return;
  if ('cut' in answer) {
    await new Promise<void>((resolve) => response.write('data: {"id":"chatc', () => resolve()));
    response.socket?.destroy();
    return;
  }
  if (finish !== null) chunk({}, finish);
  if (isCounted && usage) event({ ...base, choices: [], usage });
  if (finish !== null) response.write('data: [DONE]\n\n');
  response.end();
}

function spoken(request: ChatRequest, answer: StubAnswer) {
  const {
    prompt,
    cached = 0,
    completion,
  } = ('usage' in answer && answer.usage) || { prompt: 120, completion: 34 };
  const isUncounted = 'usage' in answer && answer.usage === null;
  return {
    text:
      'content' in answer
        ? answer.content
        : JSON.stringify('json' in answer ? answer.json : { mappings: [] }),
    refusal: 'refusal' in answer ? answer.refusal : null,
    finish: 'finishReason' in answer && answer.finishReason !== undefined ? answer.finishReason : 'stop',
    model: ('model' in answer && answer.model) || request.model,
    usage: isUncounted
      ? null
      : {
          prompt_tokens: prompt,
          completion_tokens: completion,
          total_tokens: prompt + completion,
          prompt_tokens_details: { cached_tokens: cached, audio_tokens: 0 },
          completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0 },
        },
  };
}

function envelope(model: string, object: string) {
  return { id: 'chatcmpl-stub', object, created: 1_700_000_000, model, system_fingerprint: 'fp_stub' };
}

function piecesOf(text: string): string[] {
  return Array.from({ length: Math.ceil(text.length / PIECE) }, (_, at) =>
    text.slice(at * PIECE, (at + 1) * PIECE),
  );
}

interface StubError {
  status: number;
  headers?: Record<string, string>;
  body?: unknown;
  code?: string | null;
  param?: string;
  message?: string;
}

function sendError(
  response: ServerResponse,
  { status, headers, body, code, param = undefined, message }: StubError,
): void {
  const [type, usual, text] = TYPES[status] ?? ['server_error', null, 'The server had an error.'];
  const error = {
    message: message ?? text,
    type,
    param: param ?? null,
    code: code === undefined ? usual : code,
  };
  sendJson(response, status, body ?? { error }, headers);
}

function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response
    .writeHead(status, { 'content-type': 'application/json', 'x-request-id': 'req_stub', ...headers })
    .end(JSON.stringify(body));
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of incoming.setEncoding('utf8')) text += chunk;
  return text;
}
