import { enableCompileCache, registerHooks } from 'node:module';
import { join } from 'node:path';

/**
 * Makes every command start faster; call it before the imports it is for. Measured on all of compose.ts: 1.1 s of CPU and 300 MB become
 * 0.45 s and 170 MB.
 * - Compiled sources are kept between runs.
 * - drizzle-orm is taken in its CommonJS form: linking the circular imports of its ES modules costs 0.4 s and 160 MB of garbage.
 * - zod speaks English only: its fifty other languages are a module each, 20 ms together.
 */
export function prepareImports(): void {
  enableCompileCache(join(import.meta.dirname, '../../node_modules/.cache/ivory'));
  registerHooks({
    resolve: (specifier, context, next) => {
      if (/^drizzle-orm(\/|$)/.test(specifier))
        return next(specifier, { ...context, conditions: ['require', 'node', 'default'] });
      if (specifier.endsWith('/locales/index.js') && context.parentURL?.includes('/zod/'))
        return next(specifier.replace('index.js', 'en.js'), context);
      return next(specifier, context);
    },
  });
}
