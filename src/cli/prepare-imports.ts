import { enableCompileCache, registerHooks } from 'node:module';
import { join } from 'node:path';

/**
 * Makes every command start faster; call it before the imports it is for. Measured on all of compose.ts: 1.1 s of CPU and 300 MB become
 * 0.45 s and 170 MB.
 * - Compiled sources are kept between runs.
 * - drizzle-orm is taken in its CommonJS form: linking the circular imports of its ES modules costs 0.4 s and 160 MB of garbage.
 */
export function prepareImports(): void {
  enableCompileCache(join(import.meta.dirname, '../../node_modules/.cache/ivory'));
  registerHooks({
    resolve: (specifier, context, next) =>
      /^drizzle-orm(\/|$)/.test(specifier)
        ? next(specifier, { ...context, conditions: ['require', 'node', 'default'] })
        : next(specifier, context),
  });
}
