import { describe, expect, it } from 'vitest';
import { checkConfig } from '../../../../src/adapters/runner/plugins/check-config.ts';
import type { PluginSetting } from '../../../../src/adapters/runner/plugins/plugin.ts';
import { createPluginRegistry } from '../../../../src/adapters/runner/plugins/registry.ts';
import { InvalidError } from '../../../../src/errors.ts';

type Draft = Partial<PluginSetting> & { name: string };

function pluginWith(...settings: Draft[]) {
  const whole = { kind: 'string', description: '', required: false, secret: false } as const;
  return { name: 'tap-x', settings: settings.map((setting) => ({ ...whole, ...setting })) };
}

function refusalOf(plugin: Parameters<typeof checkConfig>[0], config: Record<string, unknown>): InvalidError {
  try {
    checkConfig(plugin, config);
  } catch (error) {
    if (error instanceof InvalidError) return error;
  }
  throw new Error('the config was not refused');
}

describe('the config of a connector', () => {
  it('that is right passes without a word, and is not changed', () => {
    const plugin = pluginWith({ name: 'host', required: true }, { name: 'port', kind: 'integer' });
    const config = Object.freeze({ host: 'db', port: '5432' });
    expect(checkConfig(plugin, config)).toEqual([]);
  });

  it('is told of everything that is missing or wrong at once', () => {
    const plugin = pluginWith(
      { name: 'host', required: true },
      { name: 'user', required: true },
      { name: 'port', kind: 'integer' },
    );
    const { code, message, errors } = refusalOf(plugin, { user: '', port: 'many' });
    expect(code).toBe('connector.config_invalid');
    expect(errors).toEqual([
      { field: 'host', message: 'is missing' },
      { field: 'user', message: 'is missing' },
      { field: 'port', message: 'must be a whole number' },
    ]);
    expect(message).toMatch(/tap-x.*host is missing; user is missing; port must be a whole number/);
  });

  it.each<[PluginSetting['kind'], unknown[], unknown[]]>([
    ['string', ['text', ' '], [1, true, {}, []]],
    ['integer', [5432, '5432', '-1', 0], [1.5, '1.5', 'x', true, '0x10', Number.NaN]],
    ['number', [1.5, '1.5', '1e3', 0], ['x', ' ', true, Number.POSITIVE_INFINITY, 'Infinity']],
    ['boolean', [true, false, 'true', 'False', '0', 'no'], ['maybe', 1, {}]],
    [
      'date',
      ['2024-01-31', '2024-01-31T08:00:00Z', '2024-01-31T08:00:00.5+02:00'],
      ['yesterday', '2024-13-01', '31.01.2024', 20240131],
    ],
    ['array', [['a'], [], '["a"]'], ['a,b', {}, '{}']],
    ['object', [{ a: 1 }, '{"a":1}'], ['a', [], '[]', 1]],
  ])('a %s may be written as Meltano takes it, and not otherwise', (kind, right, wrong) => {
    const plugin = pluginWith({ name: 'it', kind });
    for (const it of right) expect(checkConfig(plugin, { it })).toEqual([]);
    for (const it of wrong) expect(refusalOf(plugin, { it }).errors).toHaveLength(1);
  });

  it('takes one of the options, and names them when it does not', () => {
    const plugin = pluginWith({ name: 'api', kind: 'options', options: ['REST', 'BULK', 2] });
    for (const api of ['REST', 2, '2']) expect(checkConfig(plugin, { api })).toEqual([]);
    expect(refusalOf(plugin, { api: 'SOAP' }).errors).toEqual([
      { field: 'api', message: 'must be one of "REST", "BULK", 2' },
    ]);
  });

  it('never tells a value', () => {
    const plugin = pluginWith(
      { name: 'token', kind: 'integer', secret: true },
      { name: 'on', kind: 'boolean' },
    );
    const { message, errors } = refusalOf(plugin, { token: 'pa55word', on: 'pa55word' });
    expect(`${message}${JSON.stringify(errors)}`).not.toContain('pa55word');
  });

  it('may give a nested setting nested or with dots', () => {
    const plugin = pluginWith({ name: 'login.token', required: true, secret: true });
    expect(checkConfig(plugin, { login: { token: 'x' } })).toEqual([]);
    expect(checkConfig(plugin, { 'login.token': 'x' })).toEqual([]);
    expect(refusalOf(plugin, { login: { tokn: 'x' } }).errors).toEqual([
      { field: 'login.token', message: 'is missing' },
    ]);
  });

  it('may leave out what has a default', () => {
    expect(checkConfig(pluginWith({ name: 'page', required: true, default: 10 }), {})).toEqual([]);
  });

  it('with a key nobody knows is passed on with a warning that names the nearest', () => {
    const plugin = pluginWith(
      { name: 'password', secret: true },
      { name: 'login.token' },
      { name: 'maps', kind: 'object' },
    );
    const config = { passwort: 'pa55word', login: { tokn: 'pa55word' }, maps: { any: 1 }, _select: ['*'] };
    const warnings = checkConfig(plugin, config);
    expect(warnings).toEqual([
      'tap-x is not known to have a setting "passwort". Did you mean password?',
      'tap-x is not known to have a setting "login.tokn". Did you mean login.token?',
    ]);
  });

  it('that lacks what is written otherwise is told both', () => {
    const { message } = refusalOf(pluginWith({ name: 'password', required: true }), { pasword: 'x' });
    expect(message).toMatch(/password is missing.*setting "pasword"\. Did you mean password\?/);
  });

  it('of a plugin whose settings nobody wrote down is not judged', () => {
    expect(checkConfig(pluginWith(), { anything: 1 })).toEqual([]);
  });

  it('is not fooled by what every object has', () => {
    const plugin = pluginWith(
      { name: 'constructor', required: true },
      { name: 'a.toString', required: true },
    );
    expect(refusalOf(plugin, { a: {} }).errors.map(({ field }) => field)).toEqual([
      'constructor',
      'a.toString',
    ]);
  });

  it('as people write it for tap-postgres, tap-salesforce and source-github is right', () => {
    const taps = createPluginRegistry({ protocol: 'singer', tapsFile: undefined });
    const sources = createPluginRegistry({ protocol: 'airbyte', tapsFile: undefined });
    const postgres = {
      host: 'db',
      port: '5432',
      user: 'u',
      password: 'p',
      database: 'd',
      filter_schemas: ['public'],
    };
    expect(
      checkConfig(taps.get('tap-postgres'), { ...postgres, ssh_tunnel: { enable: true, port: 22 } }),
    ).toEqual([]);
    const salesforce = {
      client_id: 'a',
      client_secret: 'b',
      refresh_token: 'c',
      start_date: '2024-01-01T00:00:00Z',
      api_type: 'BULK',
    };
    expect(checkConfig(taps.get('tap-salesforce'), salesforce)).toEqual([]);
    const github = {
      credentials: { option_title: 'PAT Credentials', personal_access_token: 'x' },
      repositories: ['a/b'],
    };
    expect(checkConfig(sources.get('source-github'), github)).toEqual([]);
  });
});
