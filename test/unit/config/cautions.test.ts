import { expect, test } from 'vitest';
import { parseConfig } from '../../../src/config.ts';
import { settingCautions } from '../../../src/settings/cautions.ts';

test.each([
  ['DATABSE_URL', 'DATABASE_URL'],
  ['OPENAI_APIKEY', 'OPENAI_API_KEY'],
  ['REDISURL', 'REDIS_URL'],
  ['log_level', 'LOG_LEVEL'],
  ['IVORY_MASTERKEY', 'IVORY_MASTER_KEY'],
  ['RUN_TIMEOUTS', 'RUN_TIMEOUT_S'],
])('%s is asked about: %s may be meant', (name, meant) => {
  expect(settingCautions({ [name]: 'x' }, [])).toEqual([
    `${name} is not a setting of Ivory. Did you mean ${meant}?`,
  ]);
});

test('what looks like a setting of Ivory and is none is named', () => {
  expect(settingCautions({ IVORY_TURBO: '1' }, [])).toEqual(['IVORY_TURBO is not a setting of Ivory.']);
});

test('what other programs keep in the surroundings is nobody’s affair', () => {
  const others = [
    'PATH',
    'HOME',
    'HOSTNAME',
    'USER',
    'TERM',
    'SHELL',
    'PWD',
    'LANG',
    'TMPDIR',
    'NODE_ENV',
    'EDITOR',
  ];
  const cloud = [
    'AWS_PROFILE',
    'KUBERNETES_PORT',
    'KUBERNETES_SERVICE_HOST',
    'SSH_AUTH_SOCK',
    'OLDPWD',
    'CI',
    'SHLVL',
  ];
  const names = [...others, ...cloud, 'PYTHONPATH', 'PYENV', 'IVORY_CHILD', 'PORT', 'DATABASE_URL'];
  expect(settingCautions(Object.fromEntries(names.map((name) => [name, 'x'])), ['api'])).toEqual([]);
});

test('the key of configs is out of place but with a runner', () => {
  const environment = { IVORY_CONFIG_KEY: 'x' };
  expect(settingCautions(environment, ['api'])).toEqual([
    expect.stringMatching(/^IVORY_CONFIG_KEY .* no runner/),
  ]);
  expect(settingCautions(environment, ['scheduler', 'transform'])).toHaveLength(1);
  expect(settingCautions(environment, ['runner', 'transform'])).toEqual([]);
  expect(settingCautions(environment, ['dev'])).toEqual([]);
});

test('a setting that is missing is told with the one that may be meant', () => {
  const settings = { DATABSE_URL: 'postgres://a@b/c', IVORY_MASTERKEY: 'x' };
  expect(() => parseConfig(settings)).toThrow(
    expect.objectContaining({
      errors: [
        { field: 'DATABASE_URL', message: 'is missing (is DATABSE_URL meant?)' },
        { field: 'IVORY_MASTER_KEY', message: 'is missing (is IVORY_MASTERKEY meant?)' },
      ],
    }),
  );
});
