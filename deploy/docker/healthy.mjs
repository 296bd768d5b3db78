// What a container is asked for its health with: `node healthy.mjs readyz` ends with 0 when this process says so. It has no other tool to ask with.
const ports = [process.env.OPS_PORT, process.env.PORT].filter((port) => Number(port) > 0);
const path = process.argv[2] ?? 'healthz';

const answers = await Promise.all(ports.map(isWell));
process.exitCode = answers.includes(true) ? 0 : 1;

async function isWell(port) {
  try {
    return (await fetch(`http://127.0.0.1:${port}/${path}`, { signal: AbortSignal.timeout(4_000) })).ok;
  } catch {
    return false;
  }
}
