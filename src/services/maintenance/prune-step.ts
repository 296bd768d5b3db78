/** A short piece of work. `more`: there is further work of the kind. */
export type Step = () => Promise<{ rows: number; more: boolean }>;

export interface Kind {
  step: Step;
  /** Gives back what was taken and not done. */
  release?(): Promise<void>;
}
