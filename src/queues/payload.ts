import { InvalidError } from '../errors.ts';
import { JOBS, type JobName, type JobPayload } from './catalog.ts';

/** The payload as the catalog describes it. Throws InvalidError `queue.payload_invalid` naming the job, never the values. */
export function parsePayload<Name extends JobName>(name: Name, payload: unknown): JobPayload<Name> {
  const parsed = JOBS[name].payload.safeParse(payload);
  // The compiler cannot follow a generic key into the schema's output; the schema itself is that key's.
  if (parsed.success) return parsed.data as JobPayload<Name>;
  const fields = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
  throw new InvalidError('queue.payload_invalid', `Not a payload of the job ${name}: ${fields}`);
}
