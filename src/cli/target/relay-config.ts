/** Where to bring what is read, instead of loading it. */
export interface RelayConfig {
  /** Path of a runner's socket. */
  socket: string;
  /** Only shows the messages on their way: they go to stdout as they are, and the runner answers nothing. */
  passOn: boolean;
}

/** null: the config is an ordinary target's. */
export function relayOf(config: unknown): RelayConfig | null {
  if (typeof config !== 'object' || config === null || !('relay_socket' in config)) return null;
  const { relay_socket: socket } = config;
  if (typeof socket !== 'string' || socket === '') return null;
  return { socket, passOn: 'pass_on' in config && config.pass_on === true };
}
