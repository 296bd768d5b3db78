import { z } from 'zod';

/** What a stream is called in messages. */
export const StreamDescriptor = z.object({
  name: z.string(),
  namespace: z
    .string()
    .nullish()
    .transform((text) => text ?? null),
});
export type StreamDescriptor = z.infer<typeof StreamDescriptor>;

const text = z.string().nullish().catch(null);

const TraceError = z.object({
  message: text,
  internal_message: text,
  stack_trace: text,
  failure_type: text,
  stream_descriptor: StreamDescriptor.nullish().catch(null),
});
export type TraceError = z.infer<typeof TraceError>;

const StreamStatus = z.object({
  stream_descriptor: StreamDescriptor,
  status: z.string(),
  reasons: z
    .array(z.looseObject({ type: z.string() }))
    .nullish()
    .catch(null),
});

/** Names and shapes as airbyte_protocol.yaml has them; what is not read here is left alone. */
const Message = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('LOG'),
    log: z.object({ level: z.string(), message: z.string(), stack_trace: text }),
  }),
  z.object({
    type: z.literal('SPEC'),
    spec: z.object({ connectionSpecification: z.record(z.string(), z.unknown()) }),
  }),
  z.object({
    type: z.literal('CONNECTION_STATUS'),
    connectionStatus: z.object({ status: z.enum(['SUCCEEDED', 'FAILED']), message: text }),
  }),
  z.object({ type: z.literal('CATALOG'), catalog: z.object({ streams: z.array(z.unknown()) }) }),
  z.object({
    type: z.literal('TRACE'),
    trace: z.discriminatedUnion('type', [
      z.object({ type: z.literal('ERROR'), error: TraceError }),
      z.object({ type: z.literal('STREAM_STATUS'), stream_status: StreamStatus }),
      z.object({
        type: z.literal('ESTIMATE'),
        estimate: z.object({
          name: z.string().catch(''),
          namespace: text,
          row_estimate: z.number().nullish(),
        }),
      }),
    ]),
  }),
  z.object({
    type: z.literal('CONTROL'),
    control: z.object({ connectorConfig: z.object({ config: z.record(z.string(), z.unknown()) }).nullish() }),
  }),
  z.object({ type: z.literal('STATE'), state: z.record(z.string(), z.unknown()) }),
  z.object({ type: z.literal('RECORD') }),
]);

export type ProtocolMessage = z.infer<typeof Message>;
export type MessageOf<Type extends ProtocolMessage['type']> = Extract<ProtocolMessage, { type: Type }>;

/** `unreadable`: no JSON object. `unknown`: of a type or shape the protocol does not have yet: to be ignored. */
export type ReadLine = ProtocolMessage | { type: 'unreadable' } | { type: 'unknown' };

/** Reads one line of a source's output. Numbers of a RECORD or STATE may be lossy: their text is what counts. */
export function readMessage(line: string): ReadLine {
  const value = parseJson(line);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { type: 'unreadable' };
  const parsed = Message.safeParse(value);
  return parsed.success ? parsed.data : { type: 'unknown' };
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** What Ivory calls a stream: its name, in front of it its namespace where it has one. */
export function streamName({ name, namespace }: StreamDescriptor): string {
  return namespace ? `${namespace}.${name}` : name;
}
