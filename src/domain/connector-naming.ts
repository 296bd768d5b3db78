import { InvalidError } from '../errors.ts';

/** Names a connector is made of, and what they may hold. `what` ends the sentence "... must ". */
export const CONNECTOR_NAMES = {
  source_system: {
    pattern: /^[A-Za-z][A-Za-z0-9_-]{0,62}$/,
    what: 'start with a letter and hold only letters, digits, "_" and "-" (63 at most)',
  },
  tap_name: {
    pattern: /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/,
    what: 'be the name of a tap, such as tap-salesforce: never a path, an option or a command',
  },
  destination_table: {
    pattern: /^[A-Za-z_][A-Za-z0-9_]{0,62}$/,
    what: 'start with a letter or "_" and hold only letters, digits and "_" (63 at most)',
  },
} as const;

export type ConnectorName = keyof typeof CONNECTOR_NAMES;

/** Throws InvalidError `connector.<field>_invalid`. */
export function assertConnectorName(field: ConnectorName, value: string): void {
  const { pattern, what } = CONNECTOR_NAMES[field];
  if (pattern.test(value)) return;
  throw new InvalidError(`connector.${field}_invalid`, `${field} must ${what}.`, {
    errors: [{ field, message: `must ${what}` }],
  });
}
