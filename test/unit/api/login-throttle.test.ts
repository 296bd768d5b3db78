import { expect, test } from 'vitest';
import { createLoginThrottle } from '../../../src/api/board/login-throttle.ts';

const MINUTE = 60_000;

function throttleAt(start = 0) {
  let now = start;
  const throttle = createLoginThrottle(() => now);
  const fail = (times: number, address = 'a') => {
    for (let nth = 0; nth < times; nth++) throttle.failed(address);
  };
  return { ...throttle, fail, pass: (ms: number) => (now += ms) };
}

test('nine failures in a minute are forgiven, the tenth locks for a minute, that address alone', () => {
  const { fail, waitS, pass } = throttleAt();
  fail(9);
  expect(waitS('a')).toBeNull();
  fail(1);
  expect([waitS('a'), waitS('b')]).toEqual([60, null]);
  pass(MINUTE);
  expect(waitS('a')).toBeNull();
});

test('failures further apart than a minute never lock', () => {
  const { fail, waitS, pass } = throttleAt();
  for (let nth = 0; nth < 40; nth++) {
    fail(1);
    expect(waitS('a')).toBeNull();
    pass(MINUTE / 8);
  }
});

test('each lock is twice the one before, at most an hour; after an hour of quiet it begins anew', () => {
  const { fail, waitS, pass } = throttleAt();
  const locks = Array.from({ length: 8 }, () => {
    fail(10);
    const seconds = waitS('a') ?? 0;
    pass(seconds * 1000);
    return seconds;
  });
  expect(locks).toEqual([60, 120, 240, 480, 960, 1920, 3600, 3600]);
  pass(3_600_001);
  fail(10);
  expect(waitS('a')).toBe(60);
});

test('who gets in has failed no more', () => {
  const { fail, waitS, succeeded } = throttleAt();
  fail(9);
  succeeded('a');
  fail(9);
  expect(waitS('a')).toBeNull();
});

test('many addresses do not fill the memory: who came first is forgotten', () => {
  const { fail, waitS } = throttleAt();
  fail(10, 'first');
  for (let nth = 0; nth < 10_000; nth++) fail(1, `10.0.${nth}`);
  expect(waitS('first')).toBeNull();
});
