/** Writes a line of the target's log to stderr: one JSON object. */
export function logLine(
  level: 'info' | 'warn' | 'error',
  message: string,
  more: Record<string, unknown> = {},
): void {
  process.stderr.write(
    `${JSON.stringify({ level, time: new Date().toISOString(), ...more, msg: message })}\n`,
  );
}
