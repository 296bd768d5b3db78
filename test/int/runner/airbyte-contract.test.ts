import { afterAll } from 'vitest';
import { makeSourcePrograms } from '../../harness/airbyte/source-program.ts';
import { scriptedConfig } from '../../harness/runner-contract/source-script.ts';
import { describeRunnerContract } from '../../harness/runner-contract.ts';

const programs = await makeSourcePrograms({
  'source-scripted': new URL('../../harness/airbyte/scripted-source.ts', import.meta.url),
});
afterAll(() => programs.remove());

describeRunnerContract({
  name: 'airbyte',
  tapName: 'source-scripted',
  codes: { failed: /^source\.failed$/ },
  // it is asked for its specification and its streams first: programs that start
  silenceMs: 6_000,

  async open(options) {
    return { runner: programs.runner(options), config: scriptedConfig, close: async () => {} };
  },
});
