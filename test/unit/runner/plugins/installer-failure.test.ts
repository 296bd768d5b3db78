import { describe, expect, it } from 'vitest';
import {
  installFailure,
  isVersionUnknown,
  versionUnknown,
} from '../../../../src/adapters/runner/plugins/installer-failure.ts';

const INSTALL = { name: 'tap-x', package: 'Meltanolabs_Tap.X[s3]', version: '9.9' };

describe('what an installer wrote', () => {
  it.each([
    [
      'Because there is no version of meltanolabs-tap-x==9.9 and you require meltanolabs-tap-x==9.9, we can conclude',
    ],
    ['Because there is no version of', 'meltanolabs-tap-x[s3]==9.9 and you require it'],
    ['Because there are no versions of meltanolabs-tap-x and you require it'],
  ])('%j: there is no such version', (...lines) => {
    expect(isVersionUnknown({ ...INSTALL, lines })).toBe(true);
  });

  it('about a version of something it needs is no word about its own version', () => {
    const lines = ['Because there is no version of setuptools==999 and meltanolabs-tap-x==9.9 depends on it'];
    expect(isVersionUnknown({ ...INSTALL, lines })).toBe(false);
    expect(
      isVersionUnknown({ ...INSTALL, version: null, lines: ['there is no version of meltanolabs-tap-x==1'] }),
    ).toBe(false);
  });

  it.each([
    'error sending request for url (https://index.invalid/simple/)',
    'HTTP status server error (503 Service Unavailable) for url (https://index.invalid/simple/)',
    'HTTP status client error (401 Unauthorized) for url (https://index.invalid/simple/)',
    'failed to lookup address information: dns error',
    "NewConnectionError('<pip._vendor.urllib3.connection.HTTPSConnection object>: Failed to establish a new connection",
  ])('%s: the index, which may be asked again', (line) => {
    expect(installFailure({ ...INSTALL, lines: [line] })).toMatchObject({
      code: 'plugin.registry_unavailable',
      retry: 'transient',
    });
  });

  it('is told by its last words, without logins and within bounds', () => {
    const lines = [
      ...Array(40).fill('x'.repeat(400)),
      'looked at https://reader:pa55word@index.invalid/simple',
      'no C compiler',
    ];
    const { code, message } = installFailure({ ...INSTALL, lines });
    expect(code).toBe('plugin.install_failed');
    expect(message).toMatch(/https:\/\/\[secret\]@index\.invalid\/simple \| no C compiler$/);
    expect(message.length).toBeLessThan(1_600);
  });

  it('names the versions there are, the newest ten', () => {
    const versions = Array.from({ length: 12 }, (_, i) => `1.${11 - i}`);
    const { message } = versionUnknown({ ...INSTALL, lines: [] }, versions);
    expect(message).toMatch(/tap-x has no version 9\.9 .* There are 1\.11, 1\.10, .*1\.2 and older ones\.$/);
    expect(versionUnknown({ ...INSTALL, lines: [] }, []).message).not.toContain('There are');
  });
});
