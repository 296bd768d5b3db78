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
  expect(settingCautions({ [name]: 'x' }, [], {})).toEqual([
    `${name} is not a setting of Ivory. Did you mean ${meant}?`,
  ]);
});

test('what looks like a setting of Ivory and is none is named', () => {
  expect(settingCautions({ IVORY_TURBO: '1' }, [], {})).toEqual(['IVORY_TURBO is not a setting of Ivory.']);
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
  expect(settingCautions(Object.fromEntries(names.map((name) => [name, 'x'])), ['api'], {})).toEqual([]);
});

test('the key of configs is out of place but with a runner', () => {
  const environment = { IVORY_CONFIG_KEY: 'x' };
  expect(settingCautions(environment, ['api'], {})).toEqual([
    expect.stringMatching(/^IVORY_CONFIG_KEY .* no runner/),
  ]);
  expect(settingCautions(environment, ['scheduler', 'transform'], {})).toHaveLength(1);
  expect(settingCautions(environment, ['runner', 'transform'], environment)).toEqual([]);
  expect(settingCautions(environment, ['dev'], {})).toEqual([]);
});

test('a runner without the key of configs is told what it cannot do', () => {
  expect(settingCautions({}, ['transform', 'runner'], {})).toEqual([
    expect.stringMatching(/^IVORY_CONFIG_KEY is missing/),
  ]);
  expect(settingCautions({}, ['scheduler', 'transform', 'mapping'], {})).toEqual([]);
});

test.each([
  ['IVORY_CONFIG_KEY', 'IVORY_MASTER_KEY'],
  ['OPERATOR_PASSWORD', 'JWT_SECRET'],
])('%s should not be %s', (name, other) => {
  const secrets = { IVORY_CONFIG_KEY: 'x', [other]: 'one value for two', [name]: 'one value for two' };
  expect(settingCautions({}, ['runner', 'api'], secrets)).toEqual([
    `${name} is the same as ${other}: each secret needs a value of its own.`,
  ]);
});

test('a short password of the board is told to the process that shows it', () => {
  const secrets = { OPERATOR_PASSWORD: 'hunter2' };
  expect(settingCautions({}, ['api'], secrets)).toEqual(['OPERATOR_PASSWORD has fewer than 12 characters.']);
  expect(settingCautions({}, ['mapping'], secrets)).toEqual([]);
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
