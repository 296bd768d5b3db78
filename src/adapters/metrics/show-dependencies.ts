import { Gauge, type Registry } from 'prom-client';
import type { Metrics } from '../../ports/metrics.ts';
import { createClosedSet } from './closed-set.ts';

/** What /readyz is answered by, as it was found last. */
export function showDependencies(register: Registry): Pick<Metrics, 'dependencyFound'> {
  const dependencyOf = createClosedSet();
  const up = new Gauge({
    name: 'ivory_dependency_up',
    help: 'What this process depends on, when it was asked last: 1 up, 0 down. While one that is required is down /readyz answers 503',
    labelNames: ['dependency', 'required'],
    registers: [register],
  });
  return {
    dependencyFound: ({ name, required, isUp }) =>
      up.set({ dependency: dependencyOf(name), required: String(required) }, isUp ? 1 : 0),
  };
}
