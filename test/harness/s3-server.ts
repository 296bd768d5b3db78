import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createS3Client, type S3Client } from '../../src/adapters/lakehouse/stage/s3/s3-client.ts';
import { type S3Options, s3Endpoint } from '../../src/adapters/lakehouse/stage/s3/s3-endpoint.ts';
import { createS3Transport } from '../../src/adapters/lakehouse/stage/s3/s3-transport.ts';
import { findFreePort } from '../../src/embedded/free-port.ts';
import { until } from './until.ts';

const ENGINE = fileURLToPath(new URL('../../.engines/s3', import.meta.url));
/** Requests nobody has to sign, before it begins to check: those that make the user and the bucket. */
const SETUP_REQUESTS = '4';
const UNSIGNED =
  'AWS4-HMAC-SHA256 Credential=none/20200101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=none';

export interface S3Server {
  /** Endpoint and keys of a user who may do everything. */
  options: S3Options & { endpoint: string };
  bucket: string;
  /** On the bucket, past all stages. */
  client: S3Client;
  stop(): Promise<void>;
}

/** Whether `make engines` has brought it; says so loudly when not. */
export function s3IsInstalled(): boolean {
  const installed = existsSync(join(ENGINE, 'installed.json'));
  if (!installed)
    console.warn('**** NO S3 SERVER: `make engines` has not installed it, so these tests are SKIPPED.');
  return installed;
}

export interface S3ServerOptions {
  /** It checks the signature of every request, with the library AWS gives to Python; not one that comes from AWS's library for Java. */
  isStrict?: boolean;
}

/** What a Spark needs beside the jars to read s3a:// from it. */
export function s3aSettings({ options }: Pick<S3Server, 'options'>): Record<string, string> {
  return {
    'spark.hadoop.fs.s3a.endpoint': options.endpoint,
    'spark.hadoop.fs.s3a.path.style.access': 'true',
    'spark.hadoop.fs.s3a.access.key': options.accessKeyId,
    'spark.hadoop.fs.s3a.secret.key': options.secretAccessKey,
  };
}

/** A server that keeps objects in memory. */
export async function startS3Server({ isStrict = true }: S3ServerOptions = {}): Promise<S3Server> {
  const port = await findFreePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const child = spawn(
    join(ENGINE, 'bin', 'python'),
    ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)],
    {
      env: {
        PATH: process.env['PATH'] ?? '',
        ...(isStrict ? { INITIAL_NO_AUTH_ACTION_COUNT: SETUP_REQUESTS } : {}),
      },
      stdio: ['pipe', 'ignore', 'ignore'],
    },
  );
  const orphanGuard = endWith(child);
  await until('the S3 server is ready', () => answers(endpoint, child), 60_000);
  const bucket = 'ivory-stage';
  const options = { endpoint, ...(await createUser(endpoint)) };
  await fetch(`${endpoint}/${bucket}`, { method: 'PUT', headers: { authorization: UNSIGNED } });
  const client = createS3Client(createS3Transport(s3Endpoint(bucket, options)));
  return {
    options,
    bucket,
    client,
    async stop() {
      client.close();
      process.off('exit', orphanGuard);
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

function endWith(child: ChildProcess): () => void {
  const end = () => void child.kill('SIGKILL');
  process.once('exit', end);
  return end;
}

/** A path of its own, which is not counted as a request to AWS. */
async function answers(endpoint: string, child: ChildProcess): Promise<boolean> {
  if (child.exitCode !== null) throw new Error(`the S3 server ended with ${child.exitCode}`);
  const answer = await fetch(`${endpoint}/moto-api/data.json`).catch(() => null);
  return answer?.ok === true;
}

async function createUser(endpoint: string): Promise<{ accessKeyId: string; secretAccessKey: string }> {
  const all = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }] };
  const name = { UserName: 'ivory' };
  await askIam(endpoint, { Action: 'CreateUser', ...name });
  const policy = { PolicyName: 'all', PolicyDocument: JSON.stringify(all) };
  await askIam(endpoint, { Action: 'PutUserPolicy', ...name, ...policy });
  const key = await askIam(endpoint, { Action: 'CreateAccessKey', ...name });
  const textOf = (tag: string) => new RegExp(`<${tag}>(.*?)</${tag}>`).exec(key)?.[1] ?? '';
  return { accessKeyId: textOf('AccessKeyId'), secretAccessKey: textOf('SecretAccessKey') };
}

async function askIam(endpoint: string, parameters: Record<string, string>): Promise<string> {
  const answer = await fetch(endpoint, {
    method: 'POST',
    headers: { authorization: UNSIGNED.replace('/s3/', '/iam/') },
    body: new URLSearchParams({ Version: '2010-05-08', ...parameters }),
  });
  if (!answer.ok) throw new Error(`the S3 server did not make a user: ${await answer.text()}`);
  return answer.text();
}
