import { customType, timestamp } from 'drizzle-orm/pg-core';
import type { JsonText } from '../../domain/lossless-json.ts';

/** A json column read and written as text: numbers beyond 2^53 and \u0000 survive, which jsonb or JSON.parse would lose. */
export const jsonText = customType<{ data: JsonText; driverData: string }>({
  dataType: () => 'json',
});

export const instant = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });
