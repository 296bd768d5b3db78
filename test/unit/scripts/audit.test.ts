import { expect, test } from 'vitest';
import { advisoriesOf, judge } from '../../../scripts/audit/advisories.ts';

const NOW = new Date('2026-11-21T12:00:00Z');
const grave = {
  id: 'GHSA-aaaa-bbbb-cccc',
  package: 'minimist',
  severity: 'critical',
  title: 'Prototype pollution',
};
const slight = { ...grave, id: 'GHSA-dddd-eeee-ffff', severity: 'moderate' };

test('a report of npm is read advisory by advisory, each once', () => {
  const advisory = {
    source: 1097,
    name: 'minimist',
    title: 'Prototype pollution',
    url: 'https://github.com/advisories/GHSA-aaaa-bbbb-cccc',
    severity: 'critical',
  };
  const vulnerabilities = {
    minimist: { name: 'minimist', severity: 'critical', via: [advisory] },
    mkdirp: { name: 'mkdirp', severity: 'critical', via: ['minimist', advisory] },
  };
  expect(advisoriesOf(JSON.stringify({ auditReportVersion: 2, vulnerabilities }))).toEqual([grave]);
  expect(advisoriesOf(JSON.stringify({ auditReportVersion: 2, vulnerabilities: {} }))).toEqual([]);
});

test.each([
  ['nothing', ''],
  ['no JSON', 'npm error'],
  ['an error of the registry', '{"message": "405 Method Not Allowed", "statusCode": 405}'],
])('%s is no report', (_what, said) => {
  expect(advisoriesOf(said)).toBeNull();
});

test('what is high or critical fails, the rest does not', () => {
  expect(judge([grave, slight], {}, NOW)).toEqual({ refused: [grave], accepted: [], stale: [] });
});

test('what is accepted passes to the end of its last day, and only with a reason', () => {
  const until = (day: string, reason = 'not reachable: we parse no arguments with it') => ({
    [grave.id]: { reason, until: day },
  });
  expect(judge([grave], until('2026-11-21'), NOW)).toMatchObject({
    refused: [],
    accepted: [{ id: grave.id }],
  });
  expect(judge([grave], until('2026-11-20'), NOW).refused).toEqual([grave]);
  expect(judge([grave], until('2027-01-01', ''), NOW).refused).toEqual([grave]);
  expect(judge([grave], until('some day'), NOW).refused).toEqual([grave]);
});

test('what is accepted for nothing is named', () => {
  const accepted = { 'GHSA-gggg-hhhh-iiii': { reason: 'x', until: '2027-01-01' } };
  expect(judge([grave], accepted, NOW).stale).toEqual(['GHSA-gggg-hhhh-iiii']);
});
