import { z } from '@hono/zod-openapi';
import { CONNECTOR_NAMES } from '../../../domain/connector-naming.ts';
import { LOAD_MODES } from '../../../domain/connector-state.ts';
import { printable } from '../../contract.ts';

const MAX_CONFIG_CHARACTERS = 500_000;

/** The verb checks names itself, with a code for each: here they are only described. */
export const described = (field: keyof typeof CONNECTOR_NAMES, example: string) =>
  z.string().openapi({ pattern: CONNECTOR_NAMES[field].pattern.source, example });

/** The fields that a client may set at creation and change later, without their defaults. */
export const SETTINGS = {
  destination_table: described('destination_table', 'salesforce_opportunities'),
  sync_schedule: printable(200).openapi({ description: 'Cron, five or six fields.', example: '0 */6 * * *' }),
  timezone: printable(64).openapi({ description: 'IANA name; the schedule is read in it.', example: 'UTC' }),
  config_encrypted: printable(MAX_CONFIG_CHARACTERS).nullable(),
  tap_version: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9.+!*_-]{0,63}$/, 'must be a version, such as 1.4.0')
    .nullable(),
  load_mode: z.enum(LOAD_MODES),
};
