import { expect, test } from 'vitest';
import {
  pluginConfig,
  settingDefinitions,
  yamlOf,
} from '../../../src/adapters/runner/meltano/meltano-yml.ts';
import { blocks, type Project, projectText, stateId } from '../../../src/adapters/runner/meltano/project.ts';

const PROJECT: Project = {
  environment: 'staging-eu',
  tap: {
    name: 'tap-postgres',
    executable: '/plugins/tap-postgres/bin/tap-postgres',
    capabilities: ['catalog', 'discover', 'state'],
    config: { settings: { host: 'db', port: 5432 }, extras: { select: ['public-flights.*'] } },
  },
  loader: { name: 'ivory-target', executable: '/ivory/target', config: { relay_socket: '/w/relay.sock' } },
};

test('a project holds whole definitions of programs that are there: nothing to install, nothing to look up', () => {
  expect(JSON.parse(projectText(PROJECT))).toEqual({
    send_anonymous_usage_stats: false,
    environments: [{ name: 'staging-eu' }],
    plugins: {
      extractors: [
        {
          name: 'tap-postgres',
          namespace: 'tap_postgres',
          executable: '/plugins/tap-postgres/bin/tap-postgres',
          capabilities: ['catalog', 'discover', 'state'],
          settings: [
            { name: 'host', kind: 'string' },
            { name: 'port', kind: 'integer' },
          ],
          config: { host: 'db', port: 5432 },
          select: ['public-flights.*'],
        },
      ],
      loaders: [
        {
          name: 'ivory-target',
          namespace: 'ivory_target',
          executable: '/ivory/target',
          settings: [{ name: 'relay_socket', kind: 'string' }],
          config: { relay_socket: '/w/relay.sock' },
          env: {},
        },
      ],
    },
  });
});

test('a mapper stands between tap and loader, and the state is kept for the two ends', () => {
  const mapper = { name: 'ivory-watch', executable: '/ivory/target', config: { relay_socket: 's' } };
  expect(blocks({ ...PROJECT, mapper })).toEqual(['tap-postgres', 'ivory-watch-mapping', 'ivory-target']);
  expect(stateId({ ...PROJECT, mapper })).toBe('staging-eu:tap-postgres-to-ivory-target');
});

test.each(['', 'prod:eu', 'a b', '../prod', '$HOME', 'x'.repeat(65)])(
  'an environment called %j is refused',
  (environment) => {
    expect(() => projectText({ ...PROJECT, environment })).toThrow(/meltano_environment/);
  },
);

test('a text that looks like a variable of the environment is escaped, wherever it stands', () => {
  const variable = '$' + '{TOKEN}';
  const config = { password: 'pa$$HOME$x', deep: { list: [variable, '$ 1'] } };
  expect(pluginConfig(config)).toEqual({
    password: 'pa$\\$HOME$x',
    deep: { list: [`\\${variable}`, '$ 1'] },
  });
});

test('dots in names are no separators, and nulls are left out', () => {
  const config = { maps: { 'public.flights': { 'a.b': 1 } }, none: null };
  expect(pluginConfig(config)).toEqual({ maps: { 'public\\.flights': { 'a\\.b': 1 } } });
  expect(settingDefinitions({ 'a.b': [1] })).toEqual([{ name: 'a\\.b', kind: 'array' }]);
});

test('what YAML would take for a line break or an unprintable character is written by its number', () => {
  const text = yamlOf({ clé: 'a\u2028b\u0085c\u007f😀\ud83d'.toWellFormed() });
  expect(text).toBe('{\n "cl\\u00e9": "a\\u2028b\\u0085c\\u007f\\U0001f600\\ufffd"\n}');
});
