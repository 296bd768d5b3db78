import { InvalidError } from '../../errors.ts';

/** Why an expression is refused when it is saved. The code of the error is `expression.<reason>`. */
export type RefusalReason =
  | 'too_long'
  | 'control_character'
  | 'too_deep'
  | 'syntax'
  | 'name_not_allowed'
  | 'attribute_not_allowed'
  | 'construct_not_supported';

/** `position` counts UTF-16 units from 0; people are told the column from 1. */
export function refuse(reason: RefusalReason, what: string, position: number): InvalidError {
  return new InvalidError(`expression.${reason}`, `${what} (column ${position + 1})`);
}
