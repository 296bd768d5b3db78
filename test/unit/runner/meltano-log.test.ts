import { expect, test } from 'vitest';
import { createPipelineLog } from '../../../src/adapters/runner/meltano/pipeline-log.ts';
import { pipelineOutcome } from '../../../src/adapters/runner/meltano/pipeline-outcome.ts';
import { NOTHING_KNOWN } from '../../../src/adapters/runner/process/usage.ts';

const NOTHING = { rowsWritten: 0, streams: {}, state: null };
const EXITED = {
  code: 1,
  signal: null,
  stopped: false,
  usage: NOTHING_KNOWN,
  limits: { memoryBytes: 2 ** 31, cpuS: 60, diskBytes: 2 ** 30 },
  passed: null,
  sandboxed: false,
};

function listening() {
  const lines: string[] = [];
  const log = createPipelineLog({
    tapName: 'tap-x',
    redact: (text) => text.replaceAll('sesame', '[secret]'),
    log: (line) => void lines.push(line),
  });
  return { lines, log };
}

const said = (name: string, event: string, level = 'info') =>
  JSON.stringify({ stdio: 'stderr', name, string_id: name, event, level });
const ended = (err: string, exit_codes: unknown) =>
  JSON.stringify({ event: 'Block run completed', success: false, err, exit_codes, level: 'error' });

function outcomeAfter(...lines: string[]) {
  const { log } = listening();
  for (const line of lines) log.take(line);
  return pipelineOutcome({ taken: null, exit: EXITED, log, idle: null }, NOTHING, null);
}

test("the tap's lines are shown with plugin and level, Meltano's chatter is dropped, secrets are out", () => {
  const { lines, log } = listening();
  log.take('{"event":"Environment \'prod\' is active","level":"info"}');
  log.take(said('tap-x', 'login with sesame', 'warning'));
  log.take('not json');
  log.take('{"event":"The database is locked\\nbecause of sesame","level":"error"}');
  expect(lines).toEqual(['tap-x warning: login with [secret]', 'meltano error: The database is locked']);
});

test('a tap that fails is told from a loader that fails, each with its own last words', () => {
  expect(
    outcomeAfter(
      said('tap-x', 'no such table'),
      said('loader', 'disk full'),
      ended('Extractor failed', { extractors: 3 }),
    ),
  ).toMatchObject({ errorCode: 'tap.failed', errorMsg: 'The tap ended with exit code 3. no such table' });
  expect(
    outcomeAfter(said('tap-x', 'fine'), said('loader', 'disk full'), ended('Loader failed', { loaders: 1 })),
  ).toMatchObject({ errorCode: 'loader.failed', errorMsg: 'The loader ended with exit code 1. disk full' });
});

test('a tap killed from outside is told as such', () => {
  expect(outcomeAfter(ended('Extractor failed', { extractors: -9 }))).toMatchObject({
    errorCode: 'tap.killed',
    errorMsg: expect.stringContaining('137'),
  });
});

test("a discovery that fails is the tap's failure, without Meltano's command line", () => {
  const reason =
    "Cannot start plugin tap-x: Catalog discovery failed: command ['/p/tap-x', '--config', '/w/c.json'] returned 4 with stderr:\n no such host\n";
  expect(outcomeAfter(said('tap-x', 'no such host'), ended(reason, {}))).toMatchObject({
    errorCode: 'tap.discover_failed',
    errorMsg: "The tap's discovery ended with exit code 4. no such host",
  });
});

test('what Meltano itself cannot do is its failure', () => {
  expect(outcomeAfter('{"event":"meltano.yml is no YAML","level":"error"}')).toMatchObject({
    errorCode: 'meltano.failed',
    errorMsg: 'Meltano ended with exit code 1. meltano.yml is no YAML',
  });
});

test('a failure after the state has moved is partial, one that moved nothing is failed', () => {
  const { log } = listening();
  log.take(ended('Extractor failed', { extractors: 1 }));
  const outcome = (given: string | null) =>
    pipelineOutcome(
      { taken: {}, exit: EXITED, log, idle: null },
      { rowsWritten: 5, streams: {}, state: '{"a":1}' },
      given,
    ).status;
  expect(outcome(null)).toBe('partial');
  expect(outcome('{"a":1}')).toBe('failed');
});
