import { createHmac, timingSafeEqual } from 'node:crypto';

/** Whether `given` is the hex HMAC-SHA256 of the message, "sha256=" before it or not, in letters of any case. */
export function isSignature(given: string | null, secret: string, message: string | Buffer): boolean {
  const expected = createHmac('sha256', secret).update(message).digest('hex');
  return sameText(
    (given ?? '')
      .trim()
      .replace(/^sha256=/i, '')
      .toLowerCase(),
    expected,
  );
}

/** Compares digests, so that neither length nor content shows in the time it takes. */
export function sameText(a: string, b: string): boolean {
  const digest = (text: string) => createHmac('sha256', 'compare').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
