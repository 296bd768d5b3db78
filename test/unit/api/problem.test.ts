import { HTTPException } from 'hono/http-exception';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { invalidRequest, problemOf } from '../../../src/api/problem.ts';
import {
  AppError,
  ConflictError,
  ForbiddenError,
  InvalidError,
  LostLeaseError,
  NotFoundError,
  UnauthenticatedError,
  UnavailableError,
} from '../../../src/errors.ts';

describe('problemOf', () => {
  test.each([
    [new InvalidError('a.b', 'x'), 422],
    [new NotFoundError('a.b', 'x'), 404],
    [new ConflictError('a.b', 'x'), 409],
    [new UnauthenticatedError('a.b', 'x'), 401],
    [new ForbiddenError('a.b', 'x'), 403],
    [new UnavailableError('a.b', 'x'), 503],
    [new LostLeaseError('r'), 409],
    [new AppError('llm.unavailable', 'x', 'terminal'), 503],
    [new AppError('a.b', 'x', 'terminal'), 500],
    [new InvalidError('request.malformed_json', 'x'), 400],
    [new InvalidError('request.method_not_allowed', 'x'), 405],
    [new InvalidError('request.too_large', 'x'), 413],
    [new InvalidError('request.unsupported_media_type', 'x'), 415],
    [new HTTPException(400), 400],
    [new HTTPException(415), 415],
  ])('%o is answered with its status', (error, status) => {
    expect(problemOf(error, 'r-1').status).toBe(status);
  });

  test('an error of ours tells its code, its public words and the fields', () => {
    const errors = [{ field: 'timezone', message: 'unknown' }];
    expect(
      problemOf(new InvalidError('schedule.timezone_unknown', 'No such zone.', { errors }), 'r-1'),
    ).toEqual({
      type: 'urn:ivory:problem:schedule.timezone_unknown',
      title: 'Unprocessable Content',
      status: 422,
      detail: 'No such zone.',
      code: 'schedule.timezone_unknown',
      request_id: 'r-1',
      errors,
    });
  });

  test.each([
    new Error('password=hunter2 at /srv'),
    'hunter2',
    undefined,
    { code: 'hunter2' },
    new HTTPException(418, { message: 'hunter2' }),
  ])('what is not ours to tell is a bare internal error: %o', (error) => {
    const problem = problemOf(error, 'r-1');
    expect(problem).toMatchObject({ status: 500, code: 'internal' });
    expect(JSON.stringify(problem)).not.toContain('hunter2');
  });

  test('the internal words and the cause of an error stay inside', () => {
    const error = new ConflictError('a.b', 'public', { internal: 'hunter2', cause: new Error('hunter2') });
    expect(JSON.stringify(problemOf(error, 'r-1'))).not.toContain('hunter2');
  });

  test('a database that is gone is unavailable, however deep the error says so', () => {
    const refused = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
    expect(problemOf(new Error('query failed', { cause: refused }), 'r-1')).toMatchObject({
      status: 503,
      code: 'database.unavailable',
    });
  });
});

describe('invalidRequest', () => {
  test('names every field that is wrong, missing or unknown', () => {
    const schema = z.strictObject({ a: z.string(), b: z.record(z.string(), z.number()) });
    const result = schema.safeParse({ b: { x: 'one' }, c: 1 });
    if (result.success) throw new Error('it should not parse');
    const error = invalidRequest(result.error);
    expect(error.code).toBe('request.invalid');
    expect(error.errors.map(({ field }) => field).sort()).toEqual(['a', 'b.x', 'c']);
  });
});
