import type { QueryStore } from './query-store.ts';

/**
 * How a lakehouse is asked: as a reader of the tenant's own who sees its namespaces and nothing else. A namespace that is not the tenant's is as
 * one that is not there. Errors are a QueryStore's.
 */
export type LakeReader = Pick<QueryStore, 'describe' | 'query'>;
