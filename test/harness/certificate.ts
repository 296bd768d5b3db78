import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Certificate {
  /** Key and certificate for a server on 127.0.0.1. */
  pfx: Buffer;
  passphrase: string;
  /** PEM file of the certificate alone, which nobody trusts who is not told to. */
  caFile: string;
}

const PASSPHRASE = 'changeit';

/** Made by the keytool that comes with every Java. */
export function makeCertificate(folder: string): Certificate {
  const keyFile = join(folder, 'key.p12');
  const caFile = join(folder, 'certificate.pem');
  const store = ['-alias', 'test', '-keystore', keyFile, '-storetype', 'PKCS12', '-storepass', PASSPHRASE];
  const subject = ['-dname', 'CN=127.0.0.1', '-ext', 'SAN=IP:127.0.0.1'];
  keytool('-genkeypair', ...store, '-keyalg', 'RSA', '-keysize', '2048', '-validity', '30', ...subject);
  keytool('-exportcert', '-rfc', ...store, '-file', caFile);
  return { pfx: readFileSync(keyFile), passphrase: PASSPHRASE, caFile };
}

function keytool(...args: string[]): void {
  const home = process.env['JAVA_HOME'];
  execFileSync(home ? join(home, 'bin', 'keytool') : 'keytool', args, { stdio: 'ignore' });
}
