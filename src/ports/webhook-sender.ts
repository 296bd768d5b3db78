import type { Fault } from '../domain/notification.ts';

/** Sends HTTP requests to servers of strangers, and to nothing else. */
export interface WebhookSender {
  /**
   * Whether a url may be kept. A name that is not known yet passes: it is looked up at each request again.
   * Throws InvalidError `notification.url_invalid`, `notification.address_not_allowed`.
   */
  assertUrl(url: string): Promise<void>;
  /** One POST of JSON within a bound of its own; never throws for what the receiver does. Throws the signal's reason when it is aborted. */
  send(request: WebhookRequest, signal: AbortSignal): Promise<WebhookOutcome>;
}

export interface WebhookRequest {
  url: string;
  headers: Record<string, string>;
  body: string;
}

export type WebhookOutcome =
  | { kind: 'answered'; status: number; retryAfter: string | undefined; excerpt: string }
  /** `message` may be shown to the tenant: nothing of our own network is in it. */
  | { kind: 'failed'; fault: Fault; message: string };
