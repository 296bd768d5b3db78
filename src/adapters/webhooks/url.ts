import { isIP } from 'node:net';
import { MAX_URL_LENGTH } from '../../domain/notification.ts';
import { InvalidError } from '../../errors.ts';
import { isPublicAddress } from './public-address.ts';

/** Ports below this speak other protocols than HTTP. */
const FIRST_FREE_PORT = 1_024;

export interface UrlRules {
  /** Plain http, any port and any address: for a developer's machine and for tests. */
  allowPrivate: boolean;
}

/**
 * The url a notification may go to, as a browser would read it, whatever form its address is written in. Names are looked up elsewhere.
 * Throws InvalidError `notification.url_invalid`, `notification.address_not_allowed`.
 */
export function notificationUrl(text: string, { allowPrivate }: UrlRules): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || url.hostname === '' || text.length > MAX_URL_LENGTH)
    throw urlInvalid('must be an absolute url');
  if (url.protocol !== 'https:' && !(allowPrivate && url.protocol === 'http:'))
    throw urlInvalid('must begin with https://');
  if (url.username !== '' || url.password !== '') throw urlInvalid('must hold no user and no password');
  if (url.hash !== '') throw urlInvalid('must hold no fragment');
  if (allowPrivate) return url;
  if (url.port !== '' && Number(url.port) < FIRST_FREE_PORT)
    throw urlInvalid(`must use port 443 or one from ${FIRST_FREE_PORT} on`);
  if (isAddress(url) ? !isPublicAddress(hostOf(url)) : isLocalName(url)) throw addressNotAllowed();
  return url;
}

/** The host without the brackets of an IPv6 address. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

export function isAddress(url: URL): boolean {
  return isIP(hostOf(url)) !== 0;
}

/** Ends that are never public: RFC 6761, 6762, 8375, ICANN's `internal`, and what Kubernetes and clouds use inside. */
const LOCAL_END = /\.(localhost|localdomain|local|internal|intranet|lan|home\.arpa|svc)$/;

/** A name without a dot is one of the own network. */
function isLocalName({ hostname }: URL): boolean {
  const name = hostname.replace(/\.$/, '');
  return !name.includes('.') || LOCAL_END.test(name);
}

/** Nothing in it tells which address it was. */
export function addressNotAllowed(): InvalidError {
  const message = 'The host is at an address that notifications are not sent to.';
  return new InvalidError('notification.address_not_allowed', message, {
    errors: [{ field: 'url', message: 'must be at a public address' }],
  });
}

function urlInvalid(message: string): InvalidError {
  return new InvalidError('notification.url_invalid', `The url ${message}.`, {
    errors: [{ field: 'url', message }],
  });
}
