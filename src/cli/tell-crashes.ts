/** What nobody caught ends the process as ever, but is told as a line of the log: Node itself would print all that the error carries, a query's values included. */
export function tellCrashes(command: string): void {
  let isCrashing = false;
  process.on('uncaughtException', (error) => {
    if (isCrashing) process.exit(1);
    isCrashing = true;
    void crash(command, error);
  });
}

async function crash(role: string, err: unknown): Promise<never> {
  const { createLog } = await import('../log.ts');
  createLog({ level: 'fatal', pretty: false, role }).fatal(
    { event: 'process.crashed', err },
    'the process crashed',
  );
  process.exit(1);
}
