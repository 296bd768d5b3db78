import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';

const Service = z.looseObject({
  image: z.string(),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.union([z.string(), z.number()])).default({}),
  ports: z.array(z.string()).default([]),
  healthcheck: z.looseObject({ test: z.array(z.string()).optional() }).optional(),
  stop_grace_period: z.string().optional(),
  read_only: z.boolean().optional(),
  cap_drop: z.array(z.string()).optional(),
  container_name: z.string().optional(),
  deploy: z.looseObject({ resources: z.looseObject({ limits: z.looseObject({ memory: z.string() }) }) }),
});
export type ComposeService = z.infer<typeof Service>;

const File = z.looseObject({ services: z.record(z.string(), Service) });

/** The services of compose.yaml, merged and otherwise as they are written. */
export function composeServices(): Record<string, ComposeService> {
  return File.parse(parse(readFileSync('compose.yaml', 'utf8'), { merge: true })).services;
}

/** Those that run Ivory. */
export function ivoryServices(): [name: string, service: ComposeService][] {
  return Object.entries(composeServices()).filter(([, { image }]) => image.startsWith('ivory'));
}

/** What a service's process is given where the surroundings hold these values. */
export function environmentOf(
  { environment }: ComposeService,
  given: Record<string, string>,
): Record<string, string> {
  const filled = Object.entries(environment).map(([name, value]) => [
    name,
    String(value).replaceAll(/\$\{(\w+):([-?])([^}]*)\}/g, (_, key: string, kind: string, rest: string) => {
      const found = given[key] ?? (kind === '-' ? rest : undefined);
      if (found === undefined) throw new Error(`${key} ${rest}`);
      return found;
    }),
  ]);
  return Object.fromEntries(filled);
}
