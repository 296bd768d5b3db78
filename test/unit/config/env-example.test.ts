import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { loadConfig, parseEnvFile } from '../../../src/config.ts';
import { Environment } from '../../../src/environment.ts';

const EXAMPLE = readFileSync('.env.example', 'utf8');
const KEY = Buffer.alloc(32, 7).toString('base64');

test('.env.example lists every setting there is, and no other', () => {
  expect(Object.keys(parseEnvFile(EXAMPLE)).sort()).toEqual(Object.keys(Environment.shape).sort());
});

test('.env.example is accepted once password and key are filled in, and its values are the defaults', () => {
  const example = parseEnvFile(EXAMPLE);
  const filledIn = {
    DATABASE_URL: example['DATABASE_URL']?.replace('change-me', 'own'),
    IVORY_MASTER_KEY: KEY,
  };
  expect(loadConfig({ ...example, ...filledIn })).toEqual(loadConfig(filledIn));
});
