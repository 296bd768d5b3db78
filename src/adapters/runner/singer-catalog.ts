import { z } from 'zod';
import { InvalidError } from '../../errors.ts';

const Catalog = z.looseObject({
  streams: z.array(
    z.looseObject({
      metadata: z
        .array(z.looseObject({ breadcrumb: z.array(z.string()), metadata: z.looseObject({}) }))
        .default([]),
    }),
  ),
});

/** Selects every stream and field of a discovered Singer catalog. Throws InvalidError `tap.invalid_catalog`. */
export function selectAll(discovered: string): string {
  const parsed = Catalog.safeParse(parseJson(discovered));
  if (!parsed.success) {
    throw new InvalidError(
      'tap.invalid_catalog',
      `The tap's catalog is not a Singer catalog: ${z.prettifyError(parsed.error)}`,
    );
  }
  const streams = parsed.data.streams.map((stream) => ({
    ...stream,
    selected: true,
    metadata: withRoot(stream.metadata).map(({ breadcrumb, metadata }) => ({
      breadcrumb,
      metadata: metadata['inclusion'] === 'unsupported' ? metadata : { ...metadata, selected: true },
    })),
  }));
  return JSON.stringify({ ...parsed.data, streams });
}

interface Entry {
  breadcrumb: string[];
  metadata: Record<string, unknown>;
}

function withRoot(entries: Entry[]): Entry[] {
  const hasRoot = entries.some(({ breadcrumb }) => breadcrumb.length === 0);
  return hasRoot ? entries : [{ breadcrumb: [], metadata: {} }, ...entries];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new InvalidError('tap.invalid_catalog', 'The tap printed no JSON when asked to discover.', {
      cause,
    });
  }
}
