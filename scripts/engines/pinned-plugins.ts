/** The taps and sources the tests in test/engines/ use, in the versions they were written against. */
export const PINNED_PLUGINS = [
  { name: 'tap-postgres', version: '0.10.0' },
  { name: 'source-faker', version: '7.2.1' },
] as const;
