import { NotFoundError } from '../../errors.ts';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export function isFoundryId(text: string): boolean {
  return UUID.test(text);
}

/** The same words for an answer that never was and one of another tenant. */
export function answerNotFound(): NotFoundError {
  return new NotFoundError('foundry.answer_not_found', 'There is no such answer.');
}

export function verifiedNotFound(): NotFoundError {
  return new NotFoundError('foundry.verified_not_found', 'There is no such verified answer.');
}
