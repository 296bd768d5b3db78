import { escapeCopy } from './cell-text.ts';
import { versionText } from './message.ts';
import type { StreamPlan } from './stream-plan.ts';
import { utcTimestamp } from './timestamp-text.ts';

/** The load a row belongs to. */
export interface LoadStamp {
  syncStartedAtMs: number;
  /** Digits; null: no such column. */
  loadId: string | null;
}

/** What a message says about its row; its values are as parsed. */
export interface RowMoment {
  timeExtracted: unknown;
  version: unknown;
  deletedAt?: unknown;
}

/** What follows a row's own fields, tab first where there are any, in the order of carriedColumns. */
export type RowMetadata = (moment: RowMoment, batchedAtMs: number) => string;

const NULL = '\\N';

/** Rows of one moment and one batch have the same text, which is made once. */
export function rowMetadata(
  { metadata, fields }: StreamPlan,
  { syncStartedAtMs, loadId }: LoadStamp,
): RowMetadata {
  const lead = fields.length === 0 ? [] : [''];
  const load = loadId === null ? [] : [loadId];
  if (!metadata) {
    const text = [...lead, ...load].join('\t');
    return () => text;
  }
  let last: RowMoment & { now: number; batchedAtMs: number } = {
    timeExtracted: null,
    version: null,
    now: 0,
    batchedAtMs: 0,
  };
  let text = '';
  return ({ timeExtracted, version, deletedAt }, batchedAtMs) => {
    const now = Date.now();
    const same = now === last.now && batchedAtMs === last.batchedAtMs;
    if (
      same &&
      timeExtracted === last.timeExtracted &&
      version === last.version &&
      deletedAt === last.deletedAt
    )
      return text;
    text = [
      ...lead,
      instantText(timeExtracted),
      momentText(now),
      momentText(batchedAtMs),
      instantText(deletedAt),
      now,
      version === undefined ? NULL : (versionText(version) ?? NULL),
      syncStartedAtMs,
      ...load,
    ].join('\t');
    last = { timeExtracted, version, deletedAt, now, batchedAtMs };
    return text;
  };
}

function momentText(ms: number): string {
  return compact(new Date(ms).toISOString());
}

function instantText(value: unknown): string {
  return typeof value === 'string' ? compact(escapeCopy(utcTimestamp(value))) : NULL;
}

const USUAL = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d(?:\.\d+)?)(?:Z|\+00:00)?$/;

/** Postgres reads 20240506 070809.123 in two thirds of the time it takes for 2024-05-06T07:08:09.123Z; there are three in each row. */
function compact(text: string): string {
  const parts = USUAL.exec(text);
  return parts ? `${parts[1]}${parts[2]}${parts[3]} ${parts[4]}${parts[5]}${parts[6]}` : text;
}
