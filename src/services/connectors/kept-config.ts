import type { Ctx } from '../../context.ts';
import { InvalidError } from '../../errors.ts';

/**
 * How a connector's row keeps `config_encrypted`: sealed once more, under the master key, for this connector alone. A row's value that is
 * copied into another row does not open there, whatever the client's envelope says. The id shows where it was kept.
 */
export function keepConfig(ctx: Ctx, connectorId: string, envelope: string): string {
  return `${KEPT}${connectorId}.${ctx.sealer.seal(envelope, placeOf(ctx, connectorId))}`;
}

/**
 * The client's envelope as it was handed in; a value from before configs were kept so is one itself.
 * Throws InvalidError `config.moved`, `config.tampered`.
 */
export function keptConfig(ctx: Ctx, connectorId: string, kept: string): string {
  if (!kept.startsWith(KEPT)) return kept;
  const dot = kept.indexOf('.', KEPT.length);
  const keptFor = kept.slice(KEPT.length, dot);
  if (dot !== -1 && keptFor !== connectorId)
    throw new InvalidError('config.moved', 'The config in this connector was copied from another one.');
  try {
    return ctx.sealer.open(kept.slice(dot + 1), placeOf(ctx, connectorId));
  } catch (cause) {
    throw new InvalidError(
      'config.tampered',
      "The config was changed where it is kept, or this process has another IVORY_MASTER_KEY than the API's.",
      { cause },
    );
  }
}

/** No client's envelope begins with it. */
const KEPT = 'kept:';

function placeOf({ tenantId }: Ctx, connectorId: string) {
  return { tenantId, connectorId, field: 'config_encrypted' };
}
