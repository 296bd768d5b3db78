import { slotAfter } from './slot-after.ts';

/**
 * slotAfter that remembers: reading a cron expression costs more than all else a dispatch computes, many connectors share one,
 * and the next slot stays the same until it has come.
 */
export function rememberedSlots(): typeof slotAfter {
  const known = new Map<string, { from: Date; at: Date }>();
  return (connector, now) => {
    const key = `${connector.timezone} ${connector.syncSchedule}`;
    const last = known.get(key);
    if (last && last.from <= now && now < last.at) return { at: last.at };
    const next = slotAfter(connector, now);
    if ('at' in next) known.set(key, { from: now, at: next.at });
    return next;
  };
}
