import { AppError } from '../../errors.ts';
import type { ApiClient } from './http.ts';

interface Discovered {
  ok: boolean;
  message?: string;
  streams: { fields: Record<string, string> }[];
}

/** Asks the API what the connector's source has; answers field -> type of its first stream, without the tap's own metadata fields. */
export async function discoverFields(api: ApiClient, connectorId: string): Promise<Record<string, string>> {
  const path = `/v1/admin/connectors/${connectorId}/discover`;
  const { ok, message, streams } = await api.call<Discovered>('POST', path);
  const [stream] = streams ?? [];
  if (!ok || !stream)
    throw new AppError('demo.discover', message ?? 'The source has no streams.', 'terminal');
  return Object.fromEntries(Object.entries(stream.fields).filter(([name]) => !name.startsWith('_sdc_')));
}
