import type { RunHooks } from '../../../ports/runner.ts';
import type { LoadHooks } from '../../../singer/load.ts';
import type { Redact } from '../process/redaction.ts';
import { fieldTypes } from './field-type.ts';

/** What the loader tells a run. */
export function loadHooksOf(hooks: RunHooks, redact: Redact): LoadHooks {
  const { refused, schema } = hooks;
  return {
    onProgress: hooks.progress,
    onWarning: (line) => hooks.log(redact(line)),
    guardCommit: hooks.guardCommit,
    ...(refused && { onRejected: refused }),
    ...(schema && { onSchema: (stream, properties) => schema(stream, fieldTypes(properties)) }),
  };
}
