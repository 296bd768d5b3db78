import { formatLakeType, type LakeType } from '../domain/lake-type.ts';
import { InvalidError } from '../errors.ts';
import type { PyValue } from '../ports/expressions.ts';
import { printPyJson } from './py-json.ts';

const SHOWN_CHARACTERS = 60;

/** A value its column cannot hold exactly. `message` says value, type and reason. */
export class CastError extends InvalidError {
  constructor(value: PyValue, type: LakeType, reason: string) {
    super('cast.not_exact', `${shown(value)} does not become ${formatLakeType(type)}: ${reason}`);
  }
}

function shown(value: PyValue): string {
  const text = printPyJson(value);
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}...` : text;
}
