import { describe, expect, it } from 'vitest';
import { isVersion } from '../../../../src/adapters/runner/plugins/version.ts';

describe('a version of a package', () => {
  it.each([
    '1',
    '0.10.0',
    '4.4.1',
    '1.0a1',
    '1.0rc2',
    '2024.1.post3',
    '1.0.dev4',
    '1!2.0',
    '1.0+local.1',
    '1.0-1',
  ])('%s is one', (text) => expect(isVersion(text)).toBe(true));

  it.each([
    '',
    'latest',
    'main',
    '>=1.0',
    '1.0,<2',
    '1.0 ',
    '1.0\n',
    '../1.0',
    '1.0 --index-url=x',
    '1..0',
    '1.0;x',
    `${'1.'.repeat(40)}0`,
  ])('%j is none', (text) => expect(isVersion(text)).toBe(false));
});
