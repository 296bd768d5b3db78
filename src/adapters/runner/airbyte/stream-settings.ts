import { z } from 'zod';
import { nearestNames } from '../../../domain/nearest.ts';
import { InvalidError } from '../../../errors.ts';
import type { FieldPath, SourceStream, SyncMode } from './source-streams.ts';

/** The key of a connector's config that is Ivory's, not the source's. */
export const STREAMS_SETTING = '_streams';

const Path = z.union([
  z
    .string()
    .min(1)
    .transform((field) => [field]),
  z.array(z.string()).min(1),
]);
const Setting = z.union([
  z
    .string()
    .min(1)
    .transform((name) => ({ name })),
  z.strictObject({
    name: z.string().min(1),
    sync_mode: z.enum(['full_refresh', 'incremental']).optional(),
    cursor_field: Path.optional(),
    primary_key: z
      .union([
        z
          .string()
          .min(1)
          .transform((field) => [[field]]),
        z.array(Path),
      ])
      .optional(),
  }),
]);
const Settings = z.array(Setting).min(1).optional();

/** What a connector asks of one stream; '*' names all of them. */
export interface StreamSetting {
  name: string;
  sync_mode?: SyncMode | undefined;
  cursor_field?: FieldPath | undefined;
  primary_key?: readonly FieldPath[] | undefined;
}

export interface SourceConfig {
  /** What the source gets. */
  own: Record<string, unknown>;
  /** null: every stream, as the source proposes. */
  streams: readonly StreamSetting[] | null;
}

/** Takes Ivory's own key out of a connector's config. Throws InvalidError `connector.config_invalid`. */
export function splitConfig({ [STREAMS_SETTING]: setting, ...own }: Record<string, unknown>): SourceConfig {
  const parsed = Settings.safeParse(setting);
  if (parsed.success) return { own, streams: parsed.data ?? null };
  throw new InvalidError(
    'connector.config_invalid',
    `The config's "${STREAMS_SETTING}" must be a list of stream names, or of {name, sync_mode, cursor_field, primary_key}.`,
  );
}

/**
 * The streams that are asked for, in the source's order, each with the last setting that names it ('*' last of all).
 * Throws InvalidError `connector.config_invalid` for a name the source does not have.
 */
export function selectStreams(
  streams: readonly SourceStream[],
  settings: SourceConfig['streams'],
): { stream: SourceStream; setting: StreamSetting }[] {
  if (settings === null) return streams.map((stream) => ({ stream, setting: { name: stream.name } }));
  assertKnown(streams, settings);
  return streams.flatMap((stream) => {
    const setting =
      settings.findLast(({ name }) => name === stream.name) ?? settings.findLast(({ name }) => name === '*');
    return setting ? [{ stream, setting }] : [];
  });
}

function assertKnown(streams: readonly SourceStream[], settings: readonly StreamSetting[]): void {
  const names = streams.map(({ name }) => name);
  const unknown = settings.find(({ name }) => name !== '*' && !names.includes(name));
  if (unknown === undefined) return;
  const near = nearestNames(unknown.name, names);
  const hint = near.length > 0 ? ` Did you mean ${near.join(', ')}?` : '';
  throw new InvalidError(
    'connector.config_invalid',
    `The config's "${STREAMS_SETTING}" names "${unknown.name}", which the source does not have.${hint}`,
  );
}
