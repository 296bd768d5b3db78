import { type Prelude, preludeFor } from './prelude.ts';
import type { Translated } from './scope.ts';

/**
 * A program that maps a whole batch. Inputs: `vs` the values; `whole` the places of floats that look like ints, `zeros` those of -0.0,
 * `tagged` those of containers in tagged form. Answers [values, errors [place, type, message], places of floats, places of tagged values].
 */
export function batchProgram(expression: Translated, prelude: Prelude): string {
  const loop = `for _i in whole:
    vs[_i] = float(vs[_i])
for _i in zeros:
    vs[_i] = -0.0
for _i in tagged:
    vs[_i] = _decode(vs[_i])
_out = []
_bad = []
_floats = []
_boxed = []
for v in vs:
    try:
        _r = ${expression.code}
${isTagged(expression) ? TAGGED_RESULT : ''}        _out.append(_r)
    except Exception as _e:
        _bad.append([len(_out), type(_e).__name__, str(_e)])
        _out.append(None)
[_out, _bad, _floats, _boxed]`;
  return `${preludeFor(loop, prelude)}\n${loop}`;
}

const TAGGED_RESULT = `        _t = type(_r)
        if _t is float:
            _floats.append(len(_out))
        elif _t is not str and _t is not int and _t is not bool and _r is not None:
            _r = _encode(_r)
            _boxed.append(len(_out))
`;

/** Where the type of every result is known nothing has to be tagged. */
function isTagged(expression: Translated): boolean {
  return expression.type === 'any' || expression.type === 'list';
}
