import { checkArchitecture } from './architecture/check.ts';

const { modules, dependencies, violations } = await checkArchitecture(process.cwd());
for (const violation of violations) console.error(violation);
console.log(`${modules} modules, ${dependencies} dependencies, ${violations.length} violations`);
if (violations.length > 0 || modules === 0) process.exitCode = 1;
