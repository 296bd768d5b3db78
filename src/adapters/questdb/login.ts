import postgres from 'postgres';
import { unavailable } from './questdb-errors.ts';
import type { Session } from './session.ts';

/**
 * Refuses a login that may write. QuestDB has two: the administrator, and one that may only read, where that is switched on. A server with
 * users and rights of its own (the paid one) may not say, and then its rights decide.
 */
export function createLoginCheck(): (session: Session, url: string) => Promise<void> {
  const passed = new Set<string>();
  return async (session, url) => {
    if (passed.has(url)) return;
    const found = await settings(session);
    if (found !== null) {
      const isAdministrator = decodeURIComponent(new URL(url).username) === found.get('pg.user');
      const canOnlyRead =
        found.get('readonly') === 'true' ||
        found.get('pg.security.readonly') === 'true' ||
        (!isAdministrator && found.get('pg.readonly.user.enabled') === 'true');
      if (!canOnlyRead)
        throw unavailable(
          'The login of QUESTDB_URL may write: give Ivory the read-only user (docs/foundry-stores.md).',
        );
    }
    passed.add(url);
  };
}

async function settings(session: Session): Promise<Map<string, string> | null> {
  try {
    const rows = await session.rows('SELECT property_path, value FROM (SHOW PARAMETERS)');
    return new Map(rows.map(([name, value]) => [String(name), String(value)]));
  } catch (error) {
    if (error instanceof postgres.PostgresError && /denied|permission/i.test(error.message)) return null;
    throw error;
  }
}
