export const CONNECTOR_STATUSES = ['active', 'paused', 'error'] as const;
export type ConnectorStatus = (typeof CONNECTOR_STATUSES)[number];

export const CONNECTOR_TYPES = ['meltano', 'airbyte', 'fivetran', 'custom'] as const;
export type ConnectorType = (typeof CONNECTOR_TYPES)[number];

export const LOAD_MODES = ['upsert', 'append'] as const;
export type LoadMode = (typeof LOAD_MODES)[number];

/** Failures in a row that open the circuit breaker. */
export const BREAKER_THRESHOLD = 3;

export const DEFAULT_SCHEDULE = '0 2 * * *';
/** A new connector's first slot: with jitter and a tick on top its run starts within the documented five minutes. */
export const FIRST_RUN_DELAY_MS = 255_000;
