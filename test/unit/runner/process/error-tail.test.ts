import { expect, test } from 'vitest';
import { createErrorTail } from '../../../../src/adapters/runner/process/error-tail.ts';

function tailOf(stderr: string): string {
  const tail = createErrorTail((line) => line);
  const take = tail.watch(() => {});
  for (const line of stderr.split('\n')) take(line);
  return tail.text();
}

test('of a traceback the exceptions are told, and not where they came from', () => {
  const stderr = `INFO reading deals
Traceback (most recent call last):
  File "/opt/tap/client.py", line 3, in get
    raise Refused(401)
    ~~~~~^^^^^^^^^^^^^
client.Refused: 401

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/opt/tap/main.py", line 9, in <module>
    raise exc_info[1].with_traceback(exc_info[2])
          ^^^^^^^^^^^
RuntimeError: the token has expired`;
  expect(tailOf(stderr)).toBe(
    'INFO reading deals | client.Refused: 401 | RuntimeError: the token has expired',
  );
});

test('other indented lines stay, and so do the lines of a message', () => {
  expect(tailOf('ValueError: two faults:\n  name is empty\n  age is not a number')).toBe(
    'ValueError: two faults: |   name is empty |   age is not a number',
  );
});

test('only the last five lines are kept', () => {
  expect(tailOf('1\n2\n3\n4\n5\n6')).toBe('2 | 3 | 4 | 5 | 6');
});
