import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { nearestNames } from '../../../domain/nearest.ts';
import { InvalidError } from '../../../errors.ts';

/** How a tap on the operator's allowlist is started. */
export interface CustomTap {
  /** Program and leading arguments; never from a tenant's input. */
  command: readonly [string, ...string[]];
  /** Whether a catalog is asked of the tap and given back with every stream selected. */
  discover: boolean;
  /** Settings the runner adds to the tenant's config and the tenant cannot change. */
  forcedConfig?: (tenantId: string) => Record<string, unknown>;
  /** Files and folders it reads beside its own program: in a sandbox it sees no others. */
  readable?: (tenantId: string) => readonly string[];
}

export type CustomTaps = ReadonlyMap<string, CustomTap>;

const File = z.record(
  z.string().regex(/^[a-z][a-z0-9-]*$/),
  z.strictObject({
    command: z.array(z.string().min(1)).min(1),
    discover: z.boolean().default(true),
    readable: z.array(z.string().startsWith('/', 'must be an absolute path')).default([]),
  }),
);

/** Reads the operator's allowlist: `{"tap-x": {"command": ["/opt/tap-x/bin/tap-x"], "discover": true, "readable": ["/opt/x"]}}`. Throws InvalidError `config.custom_taps`. */
export function readCustomTaps(path: string): CustomTaps {
  const parsed = File.safeParse(readJson(path));
  if (!parsed.success)
    throw new InvalidError('config.custom_taps', `${path}: ${z.prettifyError(parsed.error)}`);
  return new Map(
    Object.entries(parsed.data).map(([name, { command, discover, readable }]) => [
      name,
      { command: [command[0] ?? '', ...command.slice(1)] as const, discover, readable: () => readable },
    ]),
  );
}

/** Throws InvalidError `connector.tap_unknown` naming the nearest taps that are allowed. */
export function getCustomTap(taps: CustomTaps, tapName: string): CustomTap {
  const tap = taps.get(tapName);
  if (tap) return tap;
  const near = nearestNames(tapName, [...taps.keys()]);
  const hint = near.length > 0 ? ` Did you mean ${near.join(', ')}?` : '';
  throw new InvalidError(
    'connector.tap_unknown',
    `Tap "${tapName}" is not on this installation's list of custom taps.${hint}`,
  );
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new InvalidError('config.custom_taps', `CUSTOM_TAPS_FILE ${path} cannot be read as JSON.`, {
      cause,
    });
  }
}
