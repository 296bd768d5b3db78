export * from './catalogs.ts';
export * from './connectors.ts';
export * from './llm.ts';
export * from './mappings.ts';
export * from './runs.ts';
export * from './system.ts';
export * from './table-care.ts';
export * from './tasks.ts';
