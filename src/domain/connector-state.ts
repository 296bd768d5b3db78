export const CONNECTOR_STATUSES = ['active', 'paused', 'error'] as const;
export type ConnectorStatus = (typeof CONNECTOR_STATUSES)[number];

export const CONNECTOR_TYPES = ['meltano', 'airbyte', 'fivetran', 'custom'] as const;
export type ConnectorType = (typeof CONNECTOR_TYPES)[number];

export const LOAD_MODES = ['upsert', 'append'] as const;
export type LoadMode = (typeof LOAD_MODES)[number];

/** Failures in a row that open the circuit breaker. */
export const BREAKER_THRESHOLD = 3;

export const DEFAULT_SCHEDULE = '0 2 * * *';
/** A new connector's first run starts within this time. */
export const FIRST_RUN_DELAY_MS = 5 * 60_000;
