/** A living process. */
export interface ProcessRow {
  pid: number;
  /** Tells two processes apart that had the same pid one after the other. */
  startedAt: string;
  parent: number;
  group: number;
  session: number;
  /** Resident, shared pages included. */
  memoryBytes: number;
  /** Of itself and of the children it has waited for. */
  cpuS: number;
  /** The mark in the environment it was started with (CHILD_MARK); null: none, or not to be seen. */
  mark: string | null;
}

/** Name of the variable that marks every process of a child, those that left its group and its parents' line too. */
export const CHILD_MARK = 'IVORY_CHILD';
