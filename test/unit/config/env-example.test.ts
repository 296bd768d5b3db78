import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { loadConfig, parseEnvFile } from '../../../src/config.ts';
import { Environment } from '../../../src/environment.ts';

const EXAMPLE = readFileSync('.env.example', 'utf8');
const KEY = Buffer.alloc(32, 7).toString('base64');

test('.env.example lists every setting there is, and no other', () => {
  expect(Object.keys(parseEnvFile(EXAMPLE)).sort()).toEqual(Object.keys(Environment.shape).sort());
});

test('.env.example is accepted once the keys are filled in, and its values are the defaults', () => {
  const example = parseEnvFile(EXAMPLE);
  const { DATABASE_URL } = example;
  expect(loadConfig({ ...example, IVORY_MASTER_KEY: KEY })).toEqual(
    loadConfig({ DATABASE_URL, IVORY_MASTER_KEY: KEY }),
  );
});
