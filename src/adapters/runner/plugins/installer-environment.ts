type Environment = Record<string, string>;

/** What uv calls the settings of pip that decide where packages come from. */
const UV_NAMES = [
  ['INDEX_URL', 'UV_DEFAULT_INDEX'],
  ['EXTRA_INDEX_URL', 'UV_INDEX'],
  ['FIND_LINKS', 'UV_FIND_LINKS'],
  ['NO_INDEX', 'UV_NO_INDEX'],
  ['TRUSTED_HOST', 'UV_INSECURE_HOST'],
  ['CONSTRAINT', 'UV_CONSTRAINT'],
  ['CERT', 'SSL_CERT_FILE'],
  ['PROXY', 'ALL_PROXY'],
  ['DEFAULT_TIMEOUT', 'UV_HTTP_TIMEOUT'],
] as const;

/** uv separates these by commas, pip by white space. */
const COMMA_LISTS = new Set(['UV_FIND_LINKS']);

/**
 * The environment uv is run with. uv reads neither pip's variables nor pip.conf: what they say about where packages come from is said
 * to uv in its own variables, unless those are set already. `pipConfig` is what `pip config list` writes: it holds both.
 */
export function uvEnvironment(environment: Environment, pipConfig: string): Environment {
  const settings = pipSettings(environment, pipConfig);
  const translated = UV_NAMES.flatMap(([pip, uv]) => {
    const value = settings.get(pip);
    return value === undefined || isSaidToUv(environment, uv) ? [] : [[uv, valueFor(uv, value)]];
  });
  return { ...environment, ...Object.fromEntries(translated) };
}

/** Index settings under names that mean the same to uv. */
function isSaidToUv(environment: Environment, name: string): boolean {
  const names: Record<string, string[]> = {
    UV_DEFAULT_INDEX: ['UV_DEFAULT_INDEX', 'UV_INDEX_URL'],
    UV_INDEX: ['UV_INDEX', 'UV_EXTRA_INDEX_URL'],
    ALL_PROXY: ['ALL_PROXY', 'all_proxy', 'HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'],
  };
  return (names[name] ?? [name]).some((key) => environment[key]);
}

function valueFor(name: string, value: string): string {
  const words = value.split(/\s+/).filter((word) => word !== '');
  if (name === 'UV_NO_INDEX') return /^(1|y|yes|t|true|on)$/i.test(value.trim()) ? 'true' : 'false';
  return words.join(COMMA_LISTS.has(name) ? ',' : ' ');
}

/** By name as in PIP_<NAME>; variables win over pip.conf, and in it [install] over [global], as with pip. */
function pipSettings(environment: Environment, pipConfig: string): Map<string, string> {
  const lines = pipConfig.split('\n').flatMap((line) => {
    const [, section, key = '', value = ''] =
      /^(global|install)\.([a-z-]+)=(['"].*['"])$/.exec(line.trim()) ?? [];
    return section === undefined ? [] : [{ section, key: nameOf(key), value: unquoted(value) }];
  });
  const inSection = (wanted: string) =>
    lines.filter(({ section }) => section === wanted).map(({ key, value }) => [key, value] as const);
  const variables = Object.entries(environment)
    .filter(([name, value]) => name.startsWith('PIP_') && value !== '')
    .map(([name, value]) => [name.slice('PIP_'.length), value] as const);
  const timeout = (entries: (readonly [string, string])[]) =>
    entries.map(([name, value]) => [name === 'TIMEOUT' ? 'DEFAULT_TIMEOUT' : name, value] as const);
  return new Map(timeout([...inSection('global'), ...inSection('install'), ...variables]));
}

function nameOf(key: string): string {
  return key.toUpperCase().replaceAll('-', '_');
}

/** pip writes values as Python does: 'a', "it's", with \n between the lines of a list. */
function unquoted(text: string): string {
  return text.slice(1, -1).replaceAll('\\n', '\n').replaceAll("\\'", "'").replaceAll('\\\\', '\\');
}
