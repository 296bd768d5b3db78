import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { loadApiConfig, loadConfig, loadSettings } from '../../../src/config.ts';
import { Environment } from '../../../src/environment.ts';
import { POOLS } from '../../../src/queues/catalog.ts';
import { baseManifests, givenTo, type Workload, workloads } from '../../harness/deployment/manifests.ts';

const named = (kind: string) =>
  baseManifests()
    .filter((manifest) => manifest.kind === kind)
    .map(({ metadata }) => metadata?.name);
const containerOf = ({ spec }: Workload) => spec.template.spec.containers[0];
const commandOf = (workload: Workload) => containerOf(workload).args.join(' ');

/** The example with values of the kind each asks for. */
function filledIn(given: Record<string, string>): Record<string, string> {
  const key = (byte: number) => Buffer.alloc(32, byte).toString('base64');
  const own = { IVORY_MASTER_KEY: key(1), IVORY_CONFIG_KEY: key(2), JWT_SECRET: 's'.repeat(40) };
  const asked = Object.entries(own).filter(([name]) => name in given);
  const rest = Object.entries(given).map(([name, value]) => [
    name,
    value.replaceAll('change-me', `own-${name}`),
  ]);
  return Object.fromEntries([...rest, ...asked]);
}

function load(workload: Workload, given: Record<string, string>) {
  const [first] = containerOf(workload).args;
  if (first === 'migrate') return loadSettings((all) => all.pick({ DATABASE_URL: true }), given);
  return first === 'api' ? loadApiConfig(given) : loadConfig(given);
}

test('every pool is a Deployment, beside the API and the job that migrates', () => {
  expect(workloads().map((one) => [one.metadata.name, one.kind, commandOf(one)])).toEqual(
    expect.arrayContaining([
      ['ivory-api', 'Deployment', 'api'],
      ['ivory-migrate', 'Job', 'migrate'],
      ...POOLS.map((pool) => [`ivory-${pool}`, 'Deployment', `worker ${pool}`]),
    ]),
  );
  expect(workloads()).toHaveLength(POOLS.length + 2);
});

test('every Deployment may lose one pod at a time, and all but the scheduler grow by themselves', () => {
  const deployments = named('Deployment');
  expect(named('PodDisruptionBudget').toSorted()).toEqual(deployments.toSorted());
  expect(named('HorizontalPodAutoscaler').toSorted()).toEqual(
    deployments.filter((name) => name !== 'ivory-scheduler').toSorted(),
  );
});

test('pools grow by a metric that is documented, renamed by no rule', () => {
  const asked = baseManifests().filter(({ kind }) => kind === 'HorizontalPodAutoscaler');
  const names = [...JSON.stringify(asked).matchAll(/"metric":\{"name":"(\w+)"[^}]*"pool":"(\w+)"/g)];
  expect(names.map(([, , pool]) => pool).toSorted()).toEqual(['mapping', 'runner', 'transform']);
  const rules = readFileSync('deploy/kubernetes/monitoring/prometheus-adapter.yaml', 'utf8');
  const documented = readFileSync('docs/metrics.md', 'utf8');
  for (const [, name] of names) {
    expect(rules).toContain(`seriesQuery: "${name}"`);
    expect(documented).toContain(`| \`${name}\` | gauge | pool |`);
  }
});

describe.each(workloads().map((one) => [one.metadata.name, one] as const))('%s', (name, workload) => {
  const container = containerOf(workload);
  const pod = workload.spec.template.spec;
  const given = givenTo(workload);

  test('is given settings that there are, and all it cannot start without', () => {
    expect(Object.keys(given).filter((one) => one !== 'TMPDIR' && !(one in Environment.shape))).toEqual([]);
    expect(() => load(workload, filledIn(given))).not.toThrow();
  });

  test('does not start with the example of secrets as it is', () => {
    expect(() => load(workload, given)).toThrow(/change-me/);
  });

  test('has the key of configs only where configs are opened', () => {
    expect('IVORY_CONFIG_KEY' in given).toBe(name === 'ivory-runner');
    expect(container.image).toBe(name === 'ivory-runner' ? 'ivory-runner' : 'ivory');
  });

  test('may do nothing but its work', () => {
    expect(pod).toMatchObject({
      serviceAccountName: 'ivory',
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    });
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
  });

  test('writes where there is a volume', () => {
    const volumes = pod.volumes.map((volume) => volume.name);
    expect(container.volumeMounts.map((mount) => mount.name).toSorted()).toEqual(volumes.toSorted());
    expect(container.volumeMounts.map((mount) => mount.mountPath)).toContain(given['TMPDIR']);
  });
});

describe.each(
  workloads()
    .filter(({ kind }) => kind === 'Deployment')
    .map((one) => [one.metadata.name, one] as const),
)('%s, which stays up,', (name, workload) => {
  const container = containerOf(workload);
  const given = givenTo(workload);

  test('is asked at the port it answers at', () => {
    const port = name === 'ivory-api' ? 'PORT' : 'OPS_PORT';
    expect(container.ports.map(({ containerPort }) => String(containerPort))).toEqual([given[port]]);
    const at = container.ports[0]?.name;
    expect(container.startupProbe?.httpGet).toEqual({ path: '/healthz', port: at });
    expect(container.livenessProbe?.httpGet).toEqual({ path: '/healthz', port: at });
    expect(container.readinessProbe?.httpGet).toEqual({ path: '/readyz', port: at });
    expect(workload.spec.template.metadata).toMatchObject({
      annotations: { 'prometheus.io/port': given[port], 'prometheus.io/path': '/metrics' },
    });
  });

  test('has the time to end what it does', () => {
    const { terminationGracePeriodSeconds: graceS } = workload.spec.template.spec;
    expect(graceS).toBeGreaterThanOrEqual(Number(given['DRAIN_S']) + 15);
  });

  test('is found by its own selector', () => {
    expect(workload.spec.template.metadata.labels).toMatchObject(
      workload.spec.selector?.matchLabels ?? { none: '' },
    );
  });
});
