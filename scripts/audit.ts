import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { type Accepted, advisoriesOf, judge } from './audit/advisories.ts';
import { type Tally, writeTally } from './tally.ts';

/**
 * Fails on a known weakness, high or critical, of what production installs. What is accepted for a time is in audit/accepted.json:
 * {"GHSA-..": {"reason", "until"}}. Where the registry answers no audits it says so, loudly, and fails nothing.
 */
const ASK = ['audit', '--omit=dev', '--json', '--fetch-retries=1', '--fetch-timeout=30000'];
const npm = spawnSync('npm', ASK, { encoding: 'utf8', timeout: 120_000, maxBuffer: 64 * 1024 ** 2 });
const tally = report(npm.stdout ?? '');
writeTally('audit', tally);
if (tally.failed > 0) process.exitCode = 1;

function report(said: string): Tally {
  const advisories = advisoriesOf(said);
  if (advisories === null) {
    console.log('**** NOT AUDITED: the registry answers no audits here. Run `npm run audit` where one does.');
    return { passed: 0, failed: 0, skipped: 1 };
  }
  const { refused, accepted, stale } = judge(advisories, readAccepted(), new Date());
  for (const { id, title, until, reason } of accepted)
    console.log(`accepted until ${until}: ${id} ${title} (${reason})`);
  for (const id of stale) console.log(`no longer needed in scripts/audit/accepted.json: ${id}`);
  for (const one of refused) console.log(`FAIL ${one.severity} ${one.package}: ${one.title} (${one.id})`);
  console.log(`audit: ${refused.length} weaknesses, high or critical, that nobody accepted`);
  return refused.length > 0 ? { passed: 0, failed: 1, skipped: 0 } : { passed: 1, failed: 0, skipped: 0 };
}

function readAccepted(): Record<string, Accepted> {
  return JSON.parse(readFileSync(new URL('./audit/accepted.json', import.meta.url), 'utf8'));
}
