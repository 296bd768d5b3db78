// A Singer tap that does what its config says: {"mode", "password"}.
import { readFileSync } from 'node:fs';

const args = process.argv.slice(2);
const config = JSON.parse(readFileSync(args[args.indexOf('--config') + 1], 'utf8'));
const discovering = args.includes('--discover');
const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
const forever = () => setInterval(() => {}, 60_000);

const SCHEMA = {
  type: 'object',
  properties: { id: { type: 'integer' }, at: { type: ['null', 'string'], format: 'date-time' } },
};
const STREAM = {
  stream: 'deals',
  tap_stream_id: 'deals',
  key_properties: ['id'],
  replication_key: 'at',
  schema: SCHEMA,
};

process.stderr.write(`pid ${process.pid}\n`);
process.stderr.write(`config ${JSON.stringify(config)}\n`);

switch (config.mode) {
  case 'refuse': {
    // in two writes, so that no chunk holds the whole secret
    const half = Math.floor(config.password.length / 2);
    process.stderr.write(`login with ${config.password.slice(0, half)}`);
    setTimeout(() => {
      process.stderr.write(`${config.password.slice(half)} failed\n`, () => process.exit(1));
    }, 20);
    break;
  }
  case 'hang':
    forever();
    break;
  case 'hang-politely':
    process.on('SIGTERM', () => process.exit(0));
    forever();
    break;
  case 'garbage':
    process.stdout.write(`Welcome, ${config.password}!\n`);
    break;
  case 'nothing':
    if (discovering) say({ streams: [STREAM] });
    break;
  default:
    if (discovering) say({ streams: [STREAM] });
    else {
      say({ type: 'SCHEMA', stream: 'deals', schema: SCHEMA, key_properties: ['id'] });
      say({ type: 'RECORD', stream: 'deals', record: { id: 1, type: 'SCHEMA' } });
      forever();
    }
}
