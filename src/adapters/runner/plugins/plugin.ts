/** A program from PyPI or of this machine that a connector may name: a Singer tap, or a source speaking the Airbyte protocol. */
export interface Plugin {
  /** What a connector calls it: "tap-postgres", "source-faker". */
  name: string;
  description: string;
  /** pip's name of its package; null: `executable` is a program of this machine. */
  package: string | null;
  /** Further pip requirements its environment needs: "setuptools<81". */
  requires: readonly string[];
  /** The program's name in its environment, or its absolute path where there is no package. */
  executable: string;
  capabilities: readonly PluginCapability[];
  settings: readonly PluginSetting[];
}

/** What a Singer tap can do; a source of Airbyte says so itself. */
export type PluginCapability = 'catalog' | 'properties' | 'discover' | 'state' | 'about' | 'batch';

/** One key of the plugin's config. */
export interface PluginSetting {
  /** A nested one is written with dots: "credentials.api_token". */
  name: string;
  kind: 'string' | 'integer' | 'number' | 'boolean' | 'date' | 'array' | 'object' | 'options';
  description: string;
  required: boolean;
  /** Never shown; redacted from logs. */
  secret: boolean;
  default?: unknown;
  options?: readonly (string | number)[];
}

export interface PluginRegistry {
  find(name: string): Plugin | null;
  /** Throws InvalidError `connector.tap_unknown` naming the nearest known ones. */
  get(name: string): Plugin;
  names(): readonly string[];
}

/** Python environments on this machine, one for each plugin and version, made when first asked for. */
export interface PluginEnvironments {
  /**
   * Answers where the plugin's programs are, after making the environment if need be: once, however many processes ask at the same time.
   * `version` null: the newest. Throws InvalidError `plugin.version_unknown`, `plugin.install_failed` with the installer's last words;
   * UnavailableError `plugin.registry_unavailable`; the signal's reason.
   */
  ensure(request: EnvironmentRequest, signal: AbortSignal): Promise<PluginEnvironment>;
}

export interface EnvironmentRequest {
  plugin: Pick<Plugin, 'name' | 'package' | 'requires' | 'executable'>;
  version: string | null;
  /** One line of what is being done, for the run's log. */
  log(line: string): void;
}

export interface PluginEnvironment {
  /** Absolute path of the plugin's program. */
  executable: string;
  /** Folder of its environment, to be read by the program; null: a program of this machine. */
  folder: string | null;
  /** Folder of the Python it was made with, which it reads too; null: a program of this machine. */
  python: string | null;
}
