import type { Database } from '../../db/client.ts';
import { findLastNudge, listLostLoads } from '../../db/queries/source-nudges.ts';

interface ConnectorKey {
  tenantId: string;
  connectorId: string;
}

/** What a runner whose source writes staging itself has to know of a connector's past. */
export interface SourceMemory {
  /** When the last sync the source told of had ended, in ms by the source's clock; null: it never told. */
  lastNudge(connector: ConnectorKey): Promise<number | null>;
  /** Load ids of runs since the last good one that marked staged rows and may not have loaded them. */
  lostLoads(connector: ConnectorKey): Promise<number[]>;
}

export function createSourceMemory({ db }: Database): SourceMemory {
  return {
    lastNudge: (connector) => findLastNudge(db, connector),
    lostLoads: (connector) => listLostLoads(db, connector),
  };
}
