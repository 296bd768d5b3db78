import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';

const Dashboard = z.object({
  schemaVersion: z.number().min(39),
  panels: z.array(
    z.object({
      id: z.number(),
      type: z.string(),
      title: z.string().min(1),
      gridPos: z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
      targets: z.array(z.object({ expr: z.string() })).default([]),
    }),
  ),
});

const Rules = z.object({
  groups: z.array(
    z.object({
      rules: z.array(
        z.object({
          alert: z.string(),
          expr: z.string(),
          for: z.string(),
          labels: z.object({ severity: z.string() }),
          annotations: z.object({ summary: z.string(), description: z.string(), runbook: z.string() }),
        }),
      ),
    }),
  ),
});

/** The panels of deploy/grafana/ivory.json with the queries they make, rows included. */
export function dashboardPanels() {
  const { panels } = Dashboard.parse(JSON.parse(readFileSync('deploy/grafana/ivory.json', 'utf8')));
  return panels.map(({ targets, ...panel }) => ({ ...panel, queries: targets.map(({ expr }) => expr) }));
}

export function alertRules() {
  const { groups } = Rules.parse(parse(readFileSync('deploy/prometheus/alerts.yml', 'utf8')));
  return groups.flatMap(({ rules }) => rules);
}

/** Names of the metrics a query asks for; those of a histogram without what its parts are called. */
export function metricNames(query: string): string[] {
  const names = [...query.matchAll(/\b(?:(?:ivory|nodejs|process)_\w+|up)\b(?=\s*(?:[{[)<>=*+-]|$))/g)].map(
    ([name]) => name,
  );
  return [...new Set(names.map((name) => name.replace(/_seconds_(?:bucket|sum|count)$/, '_seconds')))];
}
