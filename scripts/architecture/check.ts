import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import { RULES } from './rules.ts';

export interface ArchitectureReport {
  modules: number;
  dependencies: number;
  /** One line each: "<rule>: <file> -> <what it may not import>". */
  violations: string[];
}

/**
 * Checks the imports of `<root>/src` against the rules. The parser is named because without one that can read
 * TypeScript dependency-cruiser sees nothing and reports success; a file it did not see is a violation as well.
 */
export async function checkArchitecture(root: string): Promise<ArchitectureReport> {
  const files = sourceFiles(root);
  const { modules, summary } = await cruiseSources(root);
  const seen = new Set(modules.map((module) => module.source));
  const own = modules.filter((module) => module.source.startsWith('src/'));
  return {
    modules: own.length,
    dependencies: own.reduce((sum, module) => sum + module.dependencies.length, 0),
    violations: [
      ...files.filter((file) => !seen.has(file)).map((file) => `every-file-is-seen: ${file}`),
      ...summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`),
      ...files
        .filter((file) => readsEnvironment(root, file))
        .map((file) => `only-config-reads-the-environment: ${file}`),
    ],
  };
}

async function cruiseSources(root: string): Promise<ICruiseResult> {
  const { output } = await cruise(['src'], {
    baseDir: root,
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.mjs', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
    },
    validate: true,
    ruleSet: { forbidden: RULES },
  });
  if (typeof output === 'string') throw new Error('dependency-cruiser answered text instead of a result');
  return output;
}

function sourceFiles(root: string): string[] {
  return readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => `src/${path}`);
}

const ENVIRONMENT = [
  /\bprocess\s*(\?\.|\.)\s*env\b/,
  /\bprocess\s*\[/,
  /\benv\b[^;{}]*\}\s*=\s*process\b/,
  /\bfrom\s+['"](node:)?process['"]/,
  /\bimport\.meta\.env\b/,
];

const COMMENT = /(^|\s)\/\/.*$|^\s*\/?\*.*$/gm;

function readsEnvironment(root: string, file: string): boolean {
  if (file === 'src/config.ts') return false;
  const text = readFileSync(join(root, file), 'utf8').replaceAll(COMMENT, '');
  return ENVIRONMENT.some((pattern) => pattern.test(text));
}
