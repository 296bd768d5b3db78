import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { ApiClient } from '../api.ts';
import type { End } from '../fleet.ts';
import { type Check, check } from './check.ts';
import { readLog } from './logs.ts';
import { tally } from './runs.ts';

/** docs/operations.md: a process started while a service is down waits for it, then ends. */
const GAVE_UP = /queue\.unavailable|config\.|ECONNREFUSED|database|Connection terminated|timeout/i;

export function checkProcesses(ends: readonly End[], logs: readonly string[]): Check[] {
  return [nobodyCrashed(ends, logs), termination(ends)];
}

function nobodyCrashed(ends: readonly End[], logs: readonly string[]): Check {
  const byThemselves = ends.filter(({ asked }) => asked === null);
  const gaveUp = byThemselves.filter(
    ({ wasReady, code, lastWords }) => !wasReady && code === 1 && GAVE_UP.test(lastWords.join('\n')),
  );
  const crashed = byThemselves.filter((end) => !gaveUp.includes(end));
  const strange = logs.flatMap((path) => {
    const { strange: lines } = readLog(path);
    return lines
      .filter((line) => !/^ivory (?:api|worker): /.test(line))
      .map((line) => `${basename(path)}: ${line}`);
  });
  const details = [
    ...crashed.map(
      ({ name, code, signal, lastWords }) =>
        `${name} ended by itself (${code ?? signal}): ${lastWords.slice(-5).join(' | ')}`,
    ),
    ...strange,
  ];
  return check(
    'no process crashed or wrote what is no log line',
    `${ends.length} ends, ${gaveUp.length} gave up at start`,
    details,
  );
}

function termination(ends: readonly End[]): Check {
  const asked = ends.filter((end) => end.asked === 'SIGTERM');
  const details = asked
    .filter(({ code, wasReady }) => code !== 0 && wasReady)
    .map(
      ({ name, code, signal, tookMs }) =>
        `${name}: ${code ?? signal} after ${Math.round(tookMs / 100) / 10} s`,
    );
  const [slowest] = asked.toSorted((a, b) => b.tookMs - a.tookMs);
  const slow = slowest
    ? `the slowest, ${slowest.name}, took ${(slowest.tookMs / 1000).toFixed(1)} s`
    : 'none';
  return check('a process asked to end does so with exit code 0', `${asked.length} asked; ${slow}`, details);
}

export function checkApi({ counts, undocumented }: ApiClient, contradictions: readonly string[]): Check {
  const statuses = [...counts].map(([key, n]) => ({
    status: key.endsWith('no answer') ? 'without' : key.slice(-3),
    n,
  }));
  const all = statuses.flatMap(({ status, n }) => Array.from({ length: n }, () => status));
  return check('the API gave documented answers, and the same one to the same request', tally(all), [
    ...undocumented,
    ...contradictions,
  ]);
}

/** Processes that know of the round's folder by their arguments, environment or working folder. */
export function processesOf(folder: string, except: readonly number[]): { pid: number; command: string }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && !except.includes(Number(name)))
    .flatMap((name) => {
      const [command, environment] = ['cmdline', 'environ'].map((file) => readText(`/proc/${name}/${file}`));
      const isOne = command?.includes(folder) || environment?.includes(folder);
      return isOne ? [{ pid: Number(name), command: (command ?? '').replaceAll('\0', ' ').trim() }] : [];
    });
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
