/** Failures of a run that only another config mends: trying again is for nothing. */
export const CONFIG_FAULTS = [
  'config.envelope_malformed',
  'config.envelope_version',
  'config.wrong_key',
  'config.moved',
  'config.tampered',
  'config.not_an_object',
  'connector.config_invalid',
] as const;

export function isConfigFault(errorCode: string | null): boolean {
  return CONFIG_FAULTS.some((code) => code === errorCode);
}
