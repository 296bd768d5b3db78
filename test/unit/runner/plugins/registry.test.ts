import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assertPlugin } from '../../../../src/adapters/runner/plugins/assert-plugin.ts';
import { createPluginRegistry } from '../../../../src/adapters/runner/plugins/registry.ts';

const taps = createPluginRegistry({ protocol: 'singer', tapsFile: undefined });
const sources = createPluginRegistry({ protocol: 'airbyte', tapsFile: undefined });

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ivory-taps-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function operatorFile(content: unknown): string {
  const path = join(folder, 'taps.json');
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

describe('the registry that comes along', () => {
  it.each([
    'tap-salesforce',
    'tap-hubspot',
    'tap-stripe',
    'tap-github',
    'tap-postgres',
    'tap-mysql',
    'tap-rest-api-msdk',
    'tap-google-sheets',
  ])('knows %s, a package with settings that is given a catalog and a state', (name) => {
    const tap = taps.get(name);
    expect(tap.name).toBe(name);
    expect(tap.package).toBeTruthy();
    expect(tap.settings.length).toBeGreaterThan(4);
    expect(tap.capabilities).toEqual(expect.arrayContaining(['discover', 'state']));
    expect(tap.capabilities.some((can) => can === 'catalog' || can === 'properties')).toBe(true);
  });

  it('knows sources of Airbyte apart from taps', () => {
    expect(sources.names()).toContain('source-faker');
    expect(sources.get('source-faker').package).toBe('airbyte-source-faker');
    expect(() => taps.get('source-faker')).toThrow();
    expect(() => sources.get('tap-postgres')).toThrow();
  });

  it('takes every password, token, key and secret for a secret', () => {
    const open = [taps, sources]
      .flatMap((registry) => registry.names().map((name) => registry.get(name)))
      .flatMap(({ name, settings }) => settings.map((setting) => ({ ...setting, of: name })))
      .filter(({ secret }) => !secret)
      .filter(({ name }) => /password|token|secret|api_key|private_key|credentials\./i.test(name))
      .filter(({ kind }) => kind !== 'options' && kind !== 'boolean')
      .map(({ of, name }) => `${of} ${name}`);
    expect(open.sort()).toEqual([
      'source-hubspot credentials.client_id',
      // places, not secrets
      'tap-rest-api-msdk access_token_url',
      'tap-rest-api-msdk next_page_token_path',
    ]);
  });

  it('names a setting of a plugin once', () => {
    for (const registry of [taps, sources]) {
      for (const { name, settings } of registry.names().map((known) => registry.get(known))) {
        const names = settings.map((setting) => setting.name);
        expect(new Set(names).size, name).toBe(names.length);
      }
    }
  });

  it('answers a plugin also under its other name', () => {
    expect(taps.get('tap-rest-api')).toBe(taps.get('tap-rest-api-msdk'));
    expect(taps.names()).not.toContain('tap-rest-api');
  });
});

describe('a connector that names a tap', () => {
  it('which is not known is told the nearest', () => {
    expect(() => assertPlugin(taps, 'tap-postgre', null)).toThrow(
      expect.objectContaining({
        code: 'connector.tap_unknown',
        message: expect.stringMatching(/"tap-postgre".*Did you mean tap-postgres/),
      }),
    );
    expect(() => assertPlugin(sources, 'source-fake', null)).toThrow(/Did you mean source-faker/);
  });

  it.each(['__proto__', 'constructor', '../tap-postgres', 'TAP-POSTGRES', ''])('%j names none', (name) => {
    expect(() => assertPlugin(taps, name, null)).toThrow(
      expect.objectContaining({ code: 'connector.tap_unknown' }),
    );
  });

  it('may pin a version, and nothing but a version', () => {
    expect(assertPlugin(taps, 'tap-postgres', '0.10.0').name).toBe('tap-postgres');
    for (const version of ['latest', '>=0.10', '0.10.0 --index-url=x', '']) {
      expect(() => assertPlugin(taps, 'tap-postgres', version)).toThrow(
        expect.objectContaining({ code: 'connector.tap_version_invalid' }),
      );
    }
  });

  it('may not pin the version of a program of this machine', () => {
    const own = { taps: { 'tap-own': { package: null, executable: '/opt/tap-own' } } };
    const registry = createPluginRegistry({ protocol: 'singer', tapsFile: operatorFile(own) });
    expect(assertPlugin(registry, 'tap-own', null)).toMatchObject({
      package: null,
      executable: '/opt/tap-own',
    });
    expect(() => assertPlugin(registry, 'tap-own', '1.0')).toThrow(
      expect.objectContaining({ code: 'connector.tap_version_fixed' }),
    );
  });
});

describe("the operator's file", () => {
  it('adds taps and sources and takes the place of those that come along', () => {
    const tapsFile = operatorFile({
      taps: {
        'tap-own': {
          package: 'acme-tap-own',
          settings: [{ name: 'login.token', secret: true, required: true }],
        },
        'tap-stripe': {
          package: 'acme-tap-stripe',
          requires: ['setuptools<81'],
          executable: 'tap-stripe-next',
        },
      },
      sources: { 'source-own': { package: 'acme-source-own' } },
    });
    const registry = createPluginRegistry({ protocol: 'singer', tapsFile });
    expect(registry.names()).toEqual(expect.arrayContaining(['tap-own', 'tap-postgres']));
    expect(registry.get('tap-own')).toMatchObject({
      executable: 'tap-own',
      requires: [],
      settings: [{ name: 'login.token', kind: 'string', secret: true, required: true }],
    });
    expect(registry.get('tap-stripe')).toMatchObject({
      package: 'acme-tap-stripe',
      executable: 'tap-stripe-next',
    });
    expect(createPluginRegistry({ protocol: 'airbyte', tapsFile }).names()).toContain('source-own');
  });

  it.each([
    ['no JSON', '{', /cannot be read as JSON/],
    ['an unknown part', { tap: {} }, /tap/],
    ['no package', { taps: { 'tap-x': {} } }, /taps\["tap-x"\]\.package/],
    [
      'a flag for a package',
      { taps: { 'tap-x': { package: '--index-url=x' } } },
      /must be the name of a package/,
    ],
    [
      'a flag for a requirement',
      { taps: { 'tap-x': { package: 'x', requires: ['-e.'] } } },
      /must be a requirement/,
    ],
    ['a path for a name', { taps: { '../x': { package: 'x' } } }, /Invalid key.*\n.*taps\["\.\.\/x"\]/],
    ['a relative program', { taps: { 'tap-x': { package: null, executable: 'tap-x' } } }, /absolute path/],
    [
      'a path in a package',
      { taps: { 'tap-x': { package: 'x', executable: '../sh' } } },
      /name of a program/,
    ],
    [
      'an unknown kind',
      { taps: { 'tap-x': { package: 'x', settings: [{ name: 'a', kind: 'text' }] } } },
      /kind/,
    ],
    [
      'a choice of nothing',
      { taps: { 'tap-x': { package: 'x', settings: [{ name: 'a', kind: 'options' }] } } },
      /options are missing/,
    ],
  ])('with %s is refused, naming the place', (_, content, place) => {
    const tapsFile = operatorFile(content);
    expect(() => createPluginRegistry({ protocol: 'singer', tapsFile })).toThrow(
      expect.objectContaining({ code: 'config.taps', message: expect.stringMatching(place) }),
    );
    expect(() => createPluginRegistry({ protocol: 'singer', tapsFile })).toThrow(tapsFile);
  });

  it('that is not there is refused', () => {
    expect(() => createPluginRegistry({ protocol: 'singer', tapsFile: '/nowhere/taps.json' })).toThrow(
      expect.objectContaining({ code: 'config.taps' }),
    );
  });
});
