import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Environment } from '../../../src/environment.ts';
import {
  copiedInto,
  dockerfileStages,
  instructionsOf,
  wordsOf,
} from '../../harness/deployment/dockerfile.ts';

const TARGETS = ['service', 'runner'];
const text = readFileSync('Dockerfile', 'utf8');

test('the image has the Node of package-lock.json', () => {
  const lock: { packages: Record<string, { version: string }> } = JSON.parse(
    readFileSync('package-lock.json', 'utf8'),
  );
  const [, version] = /^ARG NODE_VERSION=(\S+)$/m.exec(text) ?? [];
  expect(version).toBe(lock.packages['node_modules/node']?.version);
  const bases = dockerfileStages()
    .map(({ from }) => from)
    .filter((from) => from.includes(':'));
  expect([...new Set(bases)]).toEqual([`node:$\{NODE_VERSION}-bookworm-slim`]);
});

test('the image without a target is the one without Python', () => {
  expect(dockerfileStages().at(-1)?.name).toBe('service');
  const apt = (target: string) =>
    instructionsOf(target)
      .filter(({ text: said }) => said.includes('apt-get'))
      .map(({ text: said }) => said)
      .join();
  expect(apt('service')).not.toMatch(/python|bubblewrap/);
  expect(apt('runner')).toMatch(/bubblewrap.*python3-venv/);
});

describe.each(TARGETS)('target %s', (target) => {
  test('copies what there is, and .dockerignore lets it through', () => {
    const sources = [...copiedInto('packages'), ...copiedInto(target)].map(({ source }) => source);
    expect(sources).toContain('src');
    expect(sources.filter((source) => !existsSync(source))).toEqual([]);
    const ignore = readFileSync('.dockerignore', 'utf8').split('\n');
    expect(ignore).toContain('*');
    expect(sources.filter((source) => !ignore.includes(`!${source}`))).toEqual([]);
  });

  test('starts the command line under tini, without a shell, as a user by number that is not root', () => {
    const [tini, dashes, node, bin] = wordsOf(target, 'ENTRYPOINT');
    expect([tini, dashes, node]).toEqual(['tini', '--', 'node']);
    expect(existsSync(bin ?? '')).toBe(true);
    expect(instructionsOf(target).findLast(({ name }) => name === 'USER')?.text).toMatch(
      /^[1-9]\d*:[1-9]\d*$/,
    );
  });

  test('is asked for its health by a file that is in it', () => {
    const [, script = ''] = wordsOf(target, 'HEALTHCHECK');
    expect(copiedInto(target).some(({ source }) => script.startsWith(`${source}/`))).toBe(true);
    expect(existsSync(script)).toBe(true);
  });

  test('holds no secret, and its ENV are settings', () => {
    const said = instructionsOf(target).filter(({ name }) => name === 'ENV' || name === 'ARG');
    const names = said.flatMap(({ text: pairs }) =>
      [...pairs.matchAll(/\b([A-Z][A-Z_]+)=/g)].map(([, name]) => name),
    );
    const others = ['NODE_ENV', 'TMPDIR', 'VERSION', 'REVISION', 'NODE_VERSION'];
    expect(names.filter((name = '') => !others.includes(name) && !(name in Environment.shape))).toEqual([]);
    expect(names.filter((name = '') => /KEY|SECRET|PASSWORD|_URL|TOKEN/.test(name))).toEqual([]);
  });
});
