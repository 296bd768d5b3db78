import { describe, expect, test } from 'vitest';
import { assertEnvelopeFor, openConfig, sealConfig } from '../../../src/domain/config-envelope.ts';

const KEY = Buffer.alloc(32, 1);
const OTHER = Buffer.alloc(32, 2);
const CONFIG = { token: 'sesame', nested: { ids: [1, 2] } };
const HERE = { tenantId: 'acme', connectorId: 'c1' };
const code = (expected: string) => expect.objectContaining({ code: expected });

describe('the envelope of a tap config', () => {
  test('opens with its key only, for any connector', () => {
    const envelope = sealConfig(KEY, CONFIG);
    expect(openConfig(KEY, envelope, HERE)).toEqual(CONFIG);
    expect(openConfig(KEY, envelope)).toEqual(CONFIG);
    expect(() => openConfig(OTHER, envelope, HERE)).toThrow(code('config.wrong_key'));
  });

  test.each([{}, { tenantId: 'acme' }, { tenantId: 'acme', connectorId: 'c1' }])(
    'bound to %j it does not open when any character of it is another, missing, or one too many',
    (binding) => {
      const envelope = sealConfig(KEY, CONFIG, binding);
      for (let at = 0; at < envelope.length; at++) {
        const [before, after] = [envelope.slice(0, at), envelope.slice(at + 1)];
        for (const changed of [
          `${before}${envelope[at] === 'A' ? 'B' : 'A'}${after}`,
          before,
          `${before}${after}`,
        ])
          expect(() => openConfig(KEY, changed, HERE), changed).toThrow(
            expect.objectContaining({ code: expect.stringMatching(/^config\./) }),
          );
      }
      for (const more of ['A', 'AAAA', '.', '.A', '!', '\n'])
        expect(() => openConfig(KEY, envelope + more, HERE)).toThrow();
    },
  );

  test('changed in its sealed part it says that it was changed', () => {
    const envelope = sealConfig(KEY, CONFIG);
    expect(() => openConfig(KEY, `${envelope}AAAA`, HERE)).toThrow(code('config.tampered'));
    expect(() => openConfig(KEY, envelope.slice(0, -8), HERE)).toThrow(code('config.tampered'));
  });

  test.each([
    ['', 'config.envelope_malformed'],
    ['plain', 'config.envelope_malformed'],
    ['ivory1.', 'config.envelope_malformed'],
    ['ivory1.0a0b0c0d.iv', 'config.envelope_malformed'],
    ['ivory1.0a0b0c0d.iv.body.more', 'config.envelope_malformed'],
    ['ivory1.0a0b0c0d.i v.body', 'config.envelope_malformed'],
    ['ivory2.0a0b0c0d.iv.body', 'config.envelope_malformed'],
    ['ivory3.0a0b0c0d.iv.body', 'config.envelope_version'],
    ['ivory1.0a0b0c0d.iv.body', 'config.wrong_key'],
  ])('%j is %s', (text, expected) => {
    expect(() => openConfig(KEY, text, HERE)).toThrow(code(expected));
  });

  test('with anything but an object in it is refused, and its words are not quoted', () => {
    const broken = sealConfig(KEY, JSON.parse('["sesame"]') as Record<string, unknown>);
    expect(() => openConfig(KEY, broken)).toThrow(code('config.not_an_object'));
    expect(() => openConfig(KEY, broken)).not.toThrow(/sesame/);
  });

  test('in the padded, other alphabet of base64 opens too: clients may seal by themselves', () => {
    const [version, keyId, ...parts] = sealConfig(KEY, CONFIG).split('.');
    const padded = parts.map((part) =>
      Buffer.from(part, 'base64url').toString('base64').replaceAll('/', '_'),
    );
    expect(openConfig(KEY, [version, keyId, ...padded].join('.'))).toEqual(CONFIG);
  });
});

describe('an envelope that says whose it is', () => {
  test.each([
    [{ tenantId: 'acme' }, { tenantId: 'rival', connectorId: 'c1' }],
    [{ connectorId: 'c1' }, { tenantId: 'acme', connectorId: 'c2' }],
    [
      { tenantId: 'acme', connectorId: 'c1' },
      { tenantId: 'rival', connectorId: 'c1' },
    ],
    [
      { tenantId: 'acme', connectorId: 'c1' },
      { tenantId: 'acme', connectorId: null },
    ],
  ])('bound to %j opens there and not at %j, which shows before it is opened', (binding, elsewhere) => {
    const envelope = sealConfig(KEY, CONFIG, binding);
    expect(openConfig(KEY, envelope, HERE)).toEqual(CONFIG);
    assertEnvelopeFor(HERE, envelope);
    expect(() => openConfig(KEY, envelope, elsewhere)).toThrow(code('config.moved'));
    expect(() => assertEnvelopeFor(elsewhere, envelope)).toThrow(code('config.moved'));
  });

  test('with another binding written over its own does not open', () => {
    const [version, keyId, , ...sealed] = sealConfig(KEY, CONFIG, { tenantId: 'acme' }).split('.');
    const binding = Buffer.from('{"tenant":"rival"}').toString('base64url');
    const forged = [version, keyId, binding, ...sealed].join('.');
    expect(() => openConfig(KEY, forged, { tenantId: 'rival', connectorId: null })).toThrow(
      code('config.tampered'),
    );
    const unbound = ['ivory1', keyId, ...sealed].join('.');
    expect(() => openConfig(KEY, unbound, HERE)).toThrow(code('config.tampered'));
  });

  test("what is no envelope of Ivory's is left to whoever runs the connector", () => {
    for (const text of ['v1.sesame', 'U2FsdGVkX1+abc=', 'vault:v1:abc']) assertEnvelopeFor(HERE, text);
  });
});
