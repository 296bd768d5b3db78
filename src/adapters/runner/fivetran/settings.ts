import { z } from 'zod';
import { InvalidError } from '../../../errors.ts';

export interface FivetranSettings {
  apiKey: string;
  apiSecret: string;
  connectionId: string;
}

/** Printable and without a colon where basic authentication would take it for the end of the name. */
const KEY = /^[\x21-\x39\x3b-\x7e]{1,256}$/;
const SECRET = /^[^\p{Cc}]{1,256}$/u;
const CONNECTION_ID = /^[A-Za-z0-9_-]{1,128}$/;

const Config = z.object({
  api_key: z.string().regex(KEY, 'must be the key of a Fivetran API key: visible characters, no ":"'),
  api_secret: z.string().regex(SECRET, 'must be the secret of a Fivetran API key'),
  connection_id: z
    .string()
    .regex(CONNECTION_ID, 'must be the id of a Fivetran connection, such as "speak_inexpensive"'),
});

/** What the connector's decrypted config says. Throws InvalidError `connector.config_invalid` naming every bad field and no value. */
export function parseSettings(config: Record<string, unknown>): FivetranSettings {
  const parsed = Config.safeParse(config);
  if (!parsed.success) throw invalidConfig(parsed.error);
  const { api_key: apiKey, api_secret: apiSecret, connection_id: connectionId } = parsed.data;
  return { apiKey, apiSecret, connectionId };
}

function invalidConfig(error: z.ZodError): InvalidError {
  const errors = error.issues.map(({ path, message }) => ({ field: path.join('.') || 'config', message }));
  const words = errors.map(({ field, message }) => `${field}: ${message}`).join('; ');
  return new InvalidError('connector.config_invalid', `The Fivetran config is not valid. ${words}.`, {
    errors,
  });
}
