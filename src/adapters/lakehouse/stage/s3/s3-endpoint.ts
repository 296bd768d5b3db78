import { InvalidError } from '../../../../errors.ts';
import type { S3Credentials } from './signature.ts';

export interface S3Options extends S3Credentials {
  /** http(s)://host[:port] of a server other than AWS; buckets are then in the path. */
  endpoint?: string | undefined;
  /** Default us-east-1, which is also what most other servers answer to. */
  region?: string | undefined;
}

/** Where the requests for one bucket go. */
export interface S3Endpoint {
  tls: boolean;
  /** With the port where it is not the protocol's own: what the Host header says. */
  host: string;
  hostname: string;
  port: number;
  /** '' or '/bucket': what every path begins with. */
  base: string;
  region: string;
  credentials: S3Credentials;
}

export function s3Endpoint(bucket: string, options: S3Options): S3Endpoint {
  const region = options.region ?? 'us-east-1';
  // a certificate of AWS does not cover a name with more dots
  const isPathStyle = options.endpoint !== undefined || bucket.includes('.');
  const url = URL.parse(
    options.endpoint ?? `https://${isPathStyle ? '' : `${bucket}.`}s3.${region}.amazonaws.com`,
  );
  if (!url || !/^https?:$/.test(url.protocol) || url.pathname !== '/' || url.username !== '')
    throw new InvalidError(
      'lakehouse.stage_url_invalid',
      'LAKEHOUSE_STAGE_S3_ENDPOINT must be http(s)://host[:port].',
    );
  const tls = url.protocol === 'https:';
  return {
    tls,
    host: url.host,
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port) || (tls ? 443 : 80),
    base: isPathStyle ? `/${bucket}` : '',
    region,
    credentials: options,
  };
}
