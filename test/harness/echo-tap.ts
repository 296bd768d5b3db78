import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

/** A Singer tap whose one row tells what it was started with. */
const { values } = parseArgs({
  strict: false,
  options: { config: { type: 'string' }, catalog: { type: 'string' }, discover: { type: 'boolean' } },
});

const text = { type: ['null', 'string'] };
const schema = {
  type: 'object',
  properties: { id: { type: 'integer' }, given: text, at: text, internal: text },
};

if (values.discover) {
  print({
    streams: [{ tap_stream_id: 'echo', stream: 'echo', key_properties: ['id'], schema, metadata: [] }],
  });
} else {
  const given = {
    config: read(values.config),
    catalog: read(values.catalog),
    environment: process.env['MELTANO_ENVIRONMENT'],
    env: Object.keys(process.env),
  };
  print({ type: 'SCHEMA', stream: 'echo', key_properties: ['id'], schema });
  print({ type: 'RECORD', stream: 'echo', record: { id: 1, given: JSON.stringify(given) } });
  print({ type: 'STATE', value: { echoed: true } });
}

function read(path: string | boolean | undefined): unknown {
  return typeof path === 'string' ? JSON.parse(readFileSync(path, 'utf8')) : null;
}

function print(message: object): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}
