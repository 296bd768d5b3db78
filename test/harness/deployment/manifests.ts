import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';

const FOLDER = 'deploy/kubernetes';

const Probe = z.looseObject({ httpGet: z.looseObject({ path: z.string(), port: z.string() }) });

const Container = z.looseObject({
  image: z.string(),
  args: z.array(z.string()),
  env: z.array(z.object({ name: z.string(), value: z.string() })).default([]),
  envFrom: z.array(
    z.union([
      z.strictObject({ configMapRef: z.object({ name: z.string() }) }),
      z.strictObject({ secretRef: z.object({ name: z.string(), optional: z.boolean().optional() }) }),
    ]),
  ),
  ports: z.array(z.object({ name: z.string(), containerPort: z.number() })).default([]),
  startupProbe: Probe.optional(),
  livenessProbe: Probe.optional(),
  readinessProbe: Probe.optional(),
  securityContext: z.looseObject({}),
  resources: z.looseObject({ limits: z.looseObject({ memory: z.string() }) }),
  volumeMounts: z.array(z.object({ name: z.string(), mountPath: z.string() })),
});

const PodTemplate = z.looseObject({
  metadata: z.looseObject({ labels: z.record(z.string(), z.string()) }),
  spec: z.looseObject({
    serviceAccountName: z.string(),
    automountServiceAccountToken: z.boolean(),
    terminationGracePeriodSeconds: z.number(),
    securityContext: z.looseObject({}),
    containers: z.tuple([Container]),
    volumes: z.array(z.looseObject({ name: z.string() })),
  }),
});

const Workload = z.looseObject({
  kind: z.enum(['Deployment', 'Job']),
  metadata: z.looseObject({ name: z.string() }),
  spec: z.looseObject({
    selector: z.looseObject({ matchLabels: z.record(z.string(), z.string()) }).optional(),
    template: PodTemplate,
  }),
});
export type Workload = z.infer<typeof Workload>;

const Values = z.looseObject({
  kind: z.string(),
  metadata: z.looseObject({ name: z.string() }),
  data: z.record(z.string(), z.string()).optional(),
  stringData: z.record(z.string(), z.string()).optional(),
});

const Any = z.looseObject({ kind: z.string(), metadata: z.looseObject({ name: z.string() }).optional() });
export type Manifest = z.infer<typeof Any>;

/** Every object of the base. */
export function baseManifests(): Manifest[] {
  const files = readdirSync(join(FOLDER, 'base')).filter((name) => name !== 'kustomization.yaml');
  return files.flatMap((file) => documentsOf(join(FOLDER, 'base', file)));
}

export function workloads(): Workload[] {
  return baseManifests()
    .filter(({ kind }) => kind === 'Deployment' || kind === 'Job')
    .map((manifest) => Workload.parse(manifest));
}

/** What a workload's process is given by the base's settings and the example of secrets. */
export function givenTo({ spec }: Workload): Record<string, string> {
  const [{ env, envFrom }] = spec.template.spec.containers;
  const sources = [...baseManifests(), ...documentsOf(join(FOLDER, 'secrets.example.yaml'))];
  const values = envFrom.map((from) => {
    const name = 'secretRef' in from ? from.secretRef.name : from.configMapRef.name;
    const kind = 'secretRef' in from ? 'Secret' : 'ConfigMap';
    const source = sources.find((one) => one.kind === kind && one.metadata?.name === name);
    const { data, stringData } = Values.parse(source);
    return { ...data, ...stringData };
  });
  return Object.assign({}, ...values, ...env.map(({ name, value }) => ({ [name]: value })));
}

function documentsOf(path: string): Manifest[] {
  return parseAllDocuments(readFileSync(path, 'utf8')).map((document) => Any.parse(document.toJS()));
}
