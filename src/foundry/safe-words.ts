import { engineWords } from './engine-words.ts';

/** Names Ivory itself makes for a tenant: lakehouse namespaces, staging schemas, logins, graphs. */
const NAMES = /\b(?:ivory|etl_staging|reader|foundry)_[\p{L}\p{N}_$-]+/giu;

/** A store's own words for the tenant who asked: free of machines, and of names of that kind which are not among its own. */
export function safeWords(message: string, own: ReadonlySet<string>): string {
  return engineWords(message).replaceAll(NAMES, (name) => (own.has(name.toLowerCase()) ? name : '…'));
}
