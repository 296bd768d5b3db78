import { Webhook } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import { newSecret, signatureHeaders } from '../../../src/domain/notification-signature.ts';

const body = '{"type":"ping","data":{"text":"größer than you think \\u0000"}}';

describe('a signature', () => {
  test('is one the official library accepts, and the body cannot be changed under it', () => {
    const secret = newSecret();
    const headers = signatureHeaders({ id: 'msg_1', at: new Date(), body }, [secret]);
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(new Webhook(secret).verify(body, headers)).toEqual(JSON.parse(body));
    expect(() => new Webhook(secret).verify(`${body} `, headers)).toThrow('No matching signature');
    expect(() => new Webhook(secret).verify(body, { ...headers, 'webhook-id': 'msg_2' })).toThrow();
    expect(() => new Webhook(newSecret()).verify(body, headers)).toThrow();
  });

  test('is what the library itself would have made', () => {
    const secret = newSecret();
    const at = new Date('2026-11-21T12:00:00.999Z');
    const headers = signatureHeaders({ id: 'msg_1', at, body }, [secret]);
    expect(headers).toEqual({
      'webhook-id': 'msg_1',
      'webhook-timestamp': '1795262400',
      'webhook-signature': new Webhook(secret).sign('msg_1', new Date('2026-11-21T12:00:00Z'), body),
    });
  });

  test('is made with each of two secrets while one follows the other', () => {
    const [young, old] = [newSecret(), newSecret()];
    const headers = signatureHeaders({ id: 'msg_1', at: new Date(), body }, [young, old]);
    for (const secret of [young, old]) expect(new Webhook(secret).verify(body, headers)).toBeTruthy();
    expect(headers['webhook-signature'].split(' ')).toHaveLength(2);
  });
});
