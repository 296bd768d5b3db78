import { describe, expect, test } from 'vitest';
import type { ProcessRow } from '../../../../src/adapters/runner/process/process-row.ts';
import { createProcessTree } from '../../../../src/adapters/runner/process/process-tree.ts';

const MARK = 'mark-of-the-child';

function row(pid: number, parent: number, more: Partial<ProcessRow> = {}): ProcessRow {
  return {
    pid,
    parent,
    startedAt: `s${pid}`,
    group: pid,
    session: pid,
    memoryBytes: 1,
    cpuS: 1,
    mark: null,
    ...more,
  };
}

const OURSELVES = row(process.pid, 1, { session: 7 });
const ROOT = row(100, process.pid, { mark: MARK });
const STRANGER = row(300, 1);

function tree() {
  return createProcessTree({ root: 100, mark: MARK, table: { read: async () => null }, sandboxed: false });
}

const pids = (rows: readonly ProcessRow[]) => rows.map(({ pid }) => pid).sort((a, b) => a - b);

describe('a tree of processes holds', () => {
  test('its root and whom it started, however deep and in whatever order they are listed', () => {
    const rows = [row(103, 102), row(102, 101), OURSELVES, row(101, 100), STRANGER, ROOT];
    expect(pids(tree().membersOf(rows))).toEqual([100, 101, 102, 103]);
  });

  test('one whose parent has gone, by its session', () => {
    expect(pids(tree().membersOf([ROOT, row(101, 1, { session: 100 }), STRANGER]))).toEqual([100, 101]);
  });

  test('one that left parent and session, by its mark', () => {
    const rows = [ROOT, row(101, 1, { mark: MARK }), row(102, 1, { mark: 'of another' }), STRANGER];
    expect(pids(tree().membersOf(rows))).toEqual([100, 101]);
  });

  test('one that was seen in it before, and not another process with the same pid', () => {
    const own = tree();
    own.membersOf([ROOT, row(101, 100), row(102, 100)]);
    const now = [ROOT, row(101, 1), row(102, 1, { startedAt: 'later' })];
    expect(pids(own.membersOf(now))).toEqual([100, 101]);
  });

  test('never this process nor another of its session', () => {
    const beside = row(301, 1, { session: 7, mark: MARK });
    expect(pids(tree().membersOf([OURSELVES, beside, ROOT]))).toEqual([100]);
  });
});
