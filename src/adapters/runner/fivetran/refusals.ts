import { InvalidError } from '../../../errors.ts';

export function paused(): InvalidError {
  return new InvalidError(
    'fivetran.paused',
    'The connection is paused at Fivetran. Enable it there, or pause this connector too; Ivory never enables it by itself.',
  );
}

export function setupBroken(why: string): InvalidError {
  return new InvalidError(
    'fivetran.setup_broken',
    `The connection's setup at Fivetran is ${why}. Finish or repair it there.`,
  );
}

export function syncFailed(why: string): InvalidError {
  const words = why ? ` Fivetran says: ${why}` : ' Fivetran names no reason; see its dashboard.';
  return new InvalidError('fivetran.sync_failed', `The sync failed at Fivetran.${words}`);
}

export function syncCancelled(): InvalidError {
  return new InvalidError(
    'fivetran.sync_cancelled',
    'The sync at Fivetran ended with neither a success nor a failure: most often somebody cancelled it there.',
  );
}

export function syncNotStarted(state: string): InvalidError {
  return new InvalidError(
    'fivetran.sync_not_started',
    `Fivetran took the request but started no sync; it says the connection is "${state.slice(0, 60)}".`,
  );
}

/** `until` is Fivetran's time; null: it names none. */
export function rescheduled(until: string | null): InvalidError {
  return new InvalidError(
    'fivetran.rescheduled',
    until === null
      ? 'Fivetran has put the sync off and names no time.'
      : `Fivetran has put the sync off until ${until}, which is later than this run may last.`,
  );
}

export function schemaMismatch(schema: string, stagingSchema: string): InvalidError {
  return new InvalidError(
    'fivetran.schema_mismatch',
    `The connection writes to the schema "${schema.slice(0, 120)}"; this connector reads "${stagingSchema}". Make the connection at Fivetran with that destination schema.`,
  );
}

export function schemaMissing(stagingSchema: string): InvalidError {
  return new InvalidError(
    'fivetran.schema_missing',
    `The sync succeeded, but there is no schema "${stagingSchema}" here. Its destination must be this installation's staging database.`,
  );
}
