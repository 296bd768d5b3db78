import { expect, test } from 'vitest';
import { previewSlots } from '../../../src/domain/schedule.ts';

test('over a year every zone of the list gives one run a local day', { timeout: 120_000 }, () => {
  for (const zone of [
    'America/New_York',
    'Europe/Berlin',
    'Australia/Lord_Howe',
    'Africa/Cairo',
    'America/Santiago',
    'Asia/Kathmandu',
  ]) {
    for (const expression of ['30 2 * * *', '15 0 * * *', '45 1 * * *']) {
      const slots = previewSlots(expression, zone, new Date('2026-01-01T12:00:00Z'), 365);
      const days = new Set(slots.map((slot) => slot.toLocaleDateString('en-CA', { timeZone: zone })));
      expect([zone, expression, days.size]).toEqual([zone, expression, 365]);
    }
  }
});
