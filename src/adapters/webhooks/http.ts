import type { LookupAddress } from 'node:dns';
import { AppError } from '../../errors.ts';
import type { WebhookOutcome, WebhookRequest, WebhookSender } from '../../ports/webhook-sender.ts';
import { type PostLimits, post } from './post.ts';
import { isPublicAddress } from './public-address.ts';
import { createPublicResolve, type Resolve, resolveLocally } from './resolve.ts';
import { addressNotAllowed, hostOf, isAddress, notificationUrl } from './url.ts';

export interface HttpSenderOptions {
  /** Plain http and addresses of our own network: on a developer's machine and in tests. */
  allowPrivate: boolean;
  resolve?: Resolve;
  /** PEM of certificate authorities instead of those Node trusts. */
  ca?: string;
  limits?: Partial<PostLimits>;
}

/** The first bytes of an answer, and the whole request, are to be there within these. */
const LIMITS: PostLimits = { answerMs: 10_000, totalMs: 15_000, excerptBytes: 4_096 };
/** Of a check while somebody waits for it. */
const CHECK_MS = 3_000;

/**
 * Sends over HTTP to the public internet alone. A name is looked up once a request, every one of its addresses is judged, and the request
 * goes to these very addresses: what the name says a moment later changes nothing. Redirects are not followed; no proxy is used.
 */
export function createHttpWebhookSender(options: HttpSenderOptions): WebhookSender {
  const { allowPrivate, ca } = options;
  const resolve = options.resolve ?? (allowPrivate ? resolveLocally : createPublicResolve());
  const limits = { ...LIMITS, ...options.limits };

  /** Throws InvalidError `notification.address_not_allowed` when any is. */
  async function addressesOf(url: URL): Promise<LookupAddress[]> {
    const host = hostOf(url);
    const found = isAddress(url)
      ? [{ address: host, family: host.includes(':') ? 6 : 4 }]
      : await resolve(host);
    if (!allowPrivate && found.some(({ address }) => !isPublicAddress(address))) throw addressNotAllowed();
    return found;
  }

  return {
    async assertUrl(text) {
      const url = notificationUrl(text, { allowPrivate });
      await within(CHECK_MS, addressesOf(url));
    },
    async send(request: WebhookRequest, signal: AbortSignal): Promise<WebhookOutcome> {
      const startedAt = performance.now();
      try {
        const url = notificationUrl(request.url, { allowPrivate });
        const addresses = (await within(limits.answerMs, addressesOf(url), signal)) ?? [];
        if (addresses.length === 0) return NAME_NOT_FOUND;
        const spentMs = performance.now() - startedAt;
        return await post({ ...request, url, addresses, ca }, shortened(limits, spentMs), signal);
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        return { kind: 'failed', fault: 'address_not_allowed', message: 'address not allowed' };
      }
    },
  };
}

const NAME_NOT_FOUND: WebhookOutcome = {
  kind: 'failed',
  fault: 'name_not_found',
  message: 'the host name has no address',
};

function shortened(limits: PostLimits, spentMs: number): PostLimits {
  const left = (ms: number) => Math.max(1, ms - spentMs);
  return { ...limits, answerMs: left(limits.answerMs), totalMs: left(limits.totalMs) };
}

/** null: it took longer. Throws the signal's reason. */
async function within<T>(ms: number, work: Promise<T>, signal?: AbortSignal): Promise<T | null> {
  const late = Promise.withResolvers<null>();
  const timer = setTimeout(() => late.resolve(null), ms);
  const abort = () => late.reject(signal?.reason);
  if (signal?.aborted) abort();
  signal?.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}
