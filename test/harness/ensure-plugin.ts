import { createPluginEnvironments } from '../../src/adapters/runner/plugins/environments.ts';

/** A process that asks for one environment: arguments are its options and the version as JSON. Logs to stderr, answers the program's path. */
const [options = '', name = '', version = ''] = process.argv.slice(2);
const environments = createPluginEnvironments(JSON.parse(options));
const plugin = { name, package: name, requires: [], executable: name };
const request = { plugin, version, log: (line: string) => console.error(line) };
const { executable } = await environments.ensure(request, new AbortController().signal);
console.log(executable);
