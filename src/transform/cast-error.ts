import { formatLakeType, type LakeType } from '../domain/lake-type.ts';
import { InvalidError } from '../errors.ts';
import type { PyValue } from '../ports/expressions.ts';
import { printPyJson } from './py-json.ts';

const SHOWN_CHARACTERS = 60;

/** A value its column cannot hold exactly. `message` says the place within a nested value, value, type and reason. */
export class CastError extends InvalidError {
  readonly #value: PyValue;
  readonly #type: LakeType;
  readonly #reason: string;
  readonly #place: string;

  constructor(value: PyValue, type: LakeType, reason: string, place = '') {
    const what = `${shown(printPyJson(value))} does not become ${shown(formatLakeType(type))}: ${reason}`;
    super('cast.not_exact', place === '' ? what : `${place.replace(/^\./, '')}: ${what}`);
    this.#value = value;
    this.#type = type;
    this.#reason = reason;
    this.#place = place;
  }

  /** The same, told of the value that holds this one at `step`. */
  within(step: string): CastError {
    return new CastError(this.#value, this.#type, this.#reason, `${shown(step)}${this.#place}`);
  }
}

function shown(text: string): string {
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}...` : text;
}
