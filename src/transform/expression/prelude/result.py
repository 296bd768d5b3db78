# Values in and out: JavaScript has one number type and no tuple, so what could be mistaken is tagged.


def _decode(x):
    # ['f', 5] a float, ['l', ..] a list, ['d', [key, value], ..] a dict, ['v', x] itself
    tag = x[0]
    if tag == 'f':
        return float(x[1])
    if tag == 'l':
        return [_decode(y) for y in x[1:]]
    if tag == 'd':
        return {p[0]: _decode(p[1]) for p in x[1:]}
    return x[1]


def _encode(x):
    t = type(x)
    if t is float:
        return ['f', x]
    if t is list or t is tuple:
        return ['l'] + [_encode(y) for y in x]
    if t is dict:
        return ['d'] + [[_text_key(k), _encode(y)] for k, y in x.items()]
    if x is None or t is str or t is int or t is bool:
        return ['v', x]
    if t is set:
        raise TypeError('the result is a set, which has no order; use sorted(...)')
    raise TypeError('the result is not None, bool, int, float, str, list or dict')


def _text_key(k):
    # as json.dumps writes keys
    t = type(k)
    if t is str:
        return k
    if t is bool:
        return 'true' if k else 'false'
    if t is int:
        return _str(k)
    if t is float:
        return 'NaN' if k != k else 'Infinity' if k == _INF else '-Infinity' if k == -_INF else _str(k)
    if k is None:
        return 'null'
    raise TypeError('keys must be str, int, float, bool or None, not ' + _tn(k))
