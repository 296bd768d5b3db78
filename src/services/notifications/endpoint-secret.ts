import type { Sealer } from '../../domain/sealing.ts';

/** Where an endpoint's secrets belong: sealed for one they do not open for another. */
export function secretPlace({ tenantId, endpointId }: { tenantId: string; endpointId: string }) {
  return { tenantId, connectorId: endpointId, field: 'notification_secret' } satisfies Parameters<
    Sealer['open']
  >[1];
}
