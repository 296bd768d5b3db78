import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ChatRequest {
  model: string;
  messages: { role: string; content: string }[];
  response_format?: { type: string; json_schema: { name: string; strict: boolean; schema: unknown } };
  max_completion_tokens?: number;
}

/** What the stub answers: a value to be given as the message's JSON, or a raw HTTP answer, or nothing at all. */
export type StubAnswer =
  | { json: unknown; finishReason?: string }
  | { content: string }
  | { refusal: string }
  | { status: number; headers?: Record<string, string>; body?: unknown }
  | { hang: true };

export interface OpenAiStub {
  baseUrl: string;
  /** Every request in order, with the key it carried. */
  requests: { body: ChatRequest; authorization: string | undefined }[];
  close(): Promise<void>;
}

/** A server on loopback that speaks the chat completions protocol and answers what the test says. */
export async function startOpenAiStub(
  answer: (request: ChatRequest, nth: number) => StubAnswer,
): Promise<OpenAiStub> {
  const requests: OpenAiStub['requests'] = [];
  const server = createServer(async (incoming, response) => {
    const body = JSON.parse(await textOf(incoming));
    requests.push({ body, authorization: incoming.headers.authorization });
    if (incoming.method !== 'POST' || incoming.url !== '/v1/chat/completions') {
      send(response, 404, { error: { message: `no ${incoming.url} here` } });
    } else {
      reply(response, body, answer(body, requests.length));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  async function close() {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  return { baseUrl: `http://127.0.0.1:${port}/v1`, requests, close };
}

function reply(response: ServerResponse, { model }: ChatRequest, answer: StubAnswer): void {
  if ('hang' in answer) return;
  if ('status' in answer) {
    send(response, answer.status, answer.body ?? { error: { message: 'stub' } }, answer.headers);
    return;
  }
  const message =
    'refusal' in answer
      ? { role: 'assistant', content: null, refusal: answer.refusal }
      : {
          role: 'assistant',
          content: 'content' in answer ? answer.content : JSON.stringify(answer.json),
          refusal: null,
        };
  const finishReason = 'finishReason' in answer ? answer.finishReason : 'stop';
  send(response, 200, {
    id: 'chatcmpl-stub',
    object: 'chat.completion',
    created: 1_700_000_000,
    model,
    choices: [{ index: 0, message, finish_reason: finishReason, logprobs: null }],
    usage: { prompt_tokens: 120, completion_tokens: 34, total_tokens: 154 },
  });
}

function send(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of incoming.setEncoding('utf8')) text += chunk;
  return text;
}
