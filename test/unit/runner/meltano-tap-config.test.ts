import { expect, test } from 'vitest';
import { tapConfig } from '../../../src/adapters/runner/meltano/tap-config.ts';
import type { PluginSetting } from '../../../src/adapters/runner/plugins/plugin.ts';

const setting = (name: string, kind: PluginSetting['kind'], standard?: unknown): PluginSetting => ({
  name,
  kind,
  description: '',
  required: false,
  secret: false,
  ...(standard !== undefined && { default: standard }),
});

const PLUGIN = {
  settings: [
    { ...setting('port', 'integer', 5432), required: true },
    setting('timeout', 'integer', 30),
    setting('ssl', 'boolean'),
    setting('schemas', 'array'),
    setting('tunnel.host', 'string'),
    { ...setting('tunnel.port', 'integer', 22), required: true },
  ],
};

test('Meltano extras are taken out of the config under their own names', () => {
  const { settings, extras } = tapConfig(PLUGIN, {
    host: 'db',
    port: 1,
    _select: ['public-flights.*'],
    _metadata: { '*': { 'replication-method': 'INCREMENTAL', 'replication-key': 'updated_at' } },
  });
  expect(settings).toEqual({ host: 'db', port: 1 });
  expect(extras).toEqual({
    select: ['public-flights.*'],
    metadata: { '*': { 'replication-method': 'INCREMENTAL', 'replication-key': 'updated_at' } },
  });
});

test.each([{ _catalog: '/etc/passwd' }, { _state: 'x.json' }, { _select: 'all' }, { _metadata: [] }])(
  'extras that name files, are unknown or of another type are refused: %j',
  (config) => {
    expect(() => tapConfig(PLUGIN, config)).toThrow(
      expect.objectContaining({ code: 'config.extras_invalid' }),
    );
  },
);

test('values written as text become what the tap knows them as', () => {
  expect(tapConfig(PLUGIN, { port: '5433', ssl: 'yes', schemas: '["a"]' }).settings).toEqual({
    port: 5433,
    ssl: true,
    schemas: ['a'],
  });
});

test('a name with dots is a nested setting, beside those given nested', () => {
  const { settings } = tapConfig(PLUGIN, { 'tunnel.host': 'jump', tunnel: { user: 'me' } });
  expect(settings).toEqual({ port: 5432, tunnel: { host: 'jump', user: 'me', port: 22 } });
});

test('a default stands in for what the tap demands, and makes no object up', () => {
  expect(tapConfig(PLUGIN, { port: null }).settings).toEqual({ port: 5432 });
});
