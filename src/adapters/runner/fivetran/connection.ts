import { z } from 'zod';

/** A task or a warning of a connection, as Fivetran words it. */
export interface Notice {
  code: string;
  message: string;
}

/** What Ivory reads of a connection. Times are Fivetran's own, as it writes them. */
export interface Connection {
  service: string | null;
  /** Where it writes: the destination schema, for some services with ".<table>" after it. */
  schema: string | null;
  paused: boolean;
  /** connected | incomplete | broken */
  setupState: string;
  /** scheduled | syncing | paused | rescheduled */
  syncState: string;
  succeededAt: string | null;
  failedAt: string | null;
  rescheduledFor: string | null;
  tasks: Notice[];
  warnings: Notice[];
}

const Time = z
  .string()
  .max(40)
  .refine((text) => !Number.isNaN(Date.parse(text)))
  .nullish()
  .catch(null)
  .transform((text) => text ?? null);

const Word = z
  .string()
  .max(200)
  .nullish()
  .catch(null)
  .transform((text) => text ?? null);

const Notices = z
  .array(
    z
      .object({ code: z.string().catch('unknown'), message: z.string().catch('') })
      .catch({ code: 'unknown', message: '' }),
  )
  .catch([]);

const Answer = z.object({
  data: z.object({
    service: Word,
    schema: Word,
    paused: z.boolean().catch(false),
    succeeded_at: Time,
    failed_at: Time,
    status: z.object({
      setup_state: z.string().max(100),
      sync_state: z.string().max(100),
      rescheduled_for: Time,
      tasks: Notices,
      warnings: Notices,
    }),
  }),
});

/**
 * Reads the answer of GET /v1/connections/{id}. A time that is none counts as never; without both states nothing can be
 * told of the connection: null.
 */
export function readConnection(json: unknown): Connection | null {
  const parsed = Answer.safeParse(json);
  if (!parsed.success) return null;
  const { status, ...data } = parsed.data.data;
  return {
    service: data.service,
    schema: data.schema,
    paused: data.paused || status.sync_state === 'paused',
    setupState: status.setup_state,
    syncState: status.sync_state,
    succeededAt: data.succeeded_at,
    failedAt: data.failed_at,
    rescheduledFor: status.rescheduled_for,
    tasks: status.tasks,
    warnings: status.warnings,
  };
}

const MAX_WORDS = 2_000;

/** "reconnect: the token has expired; ..." of all tasks, then all warnings; "" without any. */
export function noticesOf({ tasks, warnings }: Connection): string {
  const words = [...tasks, ...warnings].map(({ code, message }) => (message ? `${code}: ${message}` : code));
  return [...new Set(words)]
    .join('; ')
    .replaceAll(/[\p{Cc}\s]+/gu, ' ')
    .slice(0, MAX_WORDS);
}

/** Whether `time` lies after `before`; of two in the same millisecond it is enough that they are not the same. */
export function isAfter(time: string | null, before: string | null): boolean {
  if (time === null) return false;
  if (before === null) return true;
  const distance = Date.parse(time) - Date.parse(before);
  return distance > 0 || (distance === 0 && time !== before);
}
