import { playIn, SPECIFICATION, TELL_STATE } from './play.ts';
import { print, sourceArguments } from './source-arguments.ts';

/** A source of the Airbyte protocol that writes what its config says, line by line. */
const { command, config, state } = sourceArguments<{ play?: string }>();
const { streams, read, exit = 0, check } = playIn(config);

switch (command) {
  case 'spec':
    print({ type: 'SPEC', spec: { connectionSpecification: SPECIFICATION } });
    break;
  case 'check':
    for (const line of check ?? [{ type: 'CONNECTION_STATUS', connectionStatus: { status: 'SUCCEEDED' } }])
      print(line);
    break;
  case 'discover':
    print({ type: 'CATALOG', catalog: { streams } });
    break;
  default:
    for (const line of read) {
      if (line === TELL_STATE)
        print({ type: 'LOG', log: { level: 'INFO', message: `given state: ${state}` } });
      else print(line);
    }
    process.exitCode = exit;
}
