# Comparison, ordering and what is built on it, as CPython 3.11 has them.


def _num_cmp(a, b):
    # -1, 0, 1 of two numbers by exact value; None when one is NaN
    if type(a) is float or type(b) is float:
        if a != a or b != b:
            return None
        if type(a) is float and type(b) is float:
            return -1 if a < b else 1 if a > b else 0
        if type(b) is float:
            return _int_float_cmp(_pair(a, 0)[0], b)
        return -_int_float_cmp(_pair(b, 0)[0], a)
    a, b = _pair(a, b)
    return -1 if a < b else 1 if a > b else 0


def _int_float_cmp(n, x):
    if x == _INF:
        return -1
    if x == -_INF:
        return 1
    if -_SAFE < n < _SAFE:
        f = float(n)
        return -1 if f < x else 1 if f > x else 0
    whole = _float_to_int(x)
    if n != whole:
        return -1 if n < whole else 1
    return 0


def _eq(a, b):
    t = type(a)
    if t is str or t is type(None) or type(b) is str or type(b) is type(None):
        return a == b
    if _is_num(a) and _is_num(b):
        return _num_cmp(a, b) == 0
    if t is not type(b):
        return False
    if t is list or t is tuple:
        if len(a) != len(b):
            return False
        for i in range(len(a)):
            if not (a[i] is b[i] or _eq(a[i], b[i])):
                return False
        return True
    if t is dict:
        if len(a) != len(b):
            return False
        for k, x in a.items():
            if k not in b or not (x is b[k] or _eq(x, b[k])):
                return False
        return True
    return a == b


def _same(a, b):
    # what containers ask: identity or equality
    return a is b or _eq(a, b)


def _in(x, c):
    t = type(c)
    if t is str:
        if type(x) is not str:
            raise TypeError("'in <string>' requires string as left operand, not " + _tn(x))
        return x in c
    if t is dict or t is set:
        return x in c
    if t is list or t is tuple:
        if type(x) is str:
            return x in c
        for y in c:
            if _same(y, x):
                return True
        return False
    if c is None or _is_num(c):
        raise TypeError("argument of type '" + _tn(c) + "' is not iterable")
    return x in c


def _order(a, b, op):
    # whether a op b, for op one of < <= > >=
    t = type(a)
    if t is str and type(b) is str:
        return a < b if op == '<' else a > b if op == '>' else a <= b if op == '<=' else a >= b
    if _is_num(a) and _is_num(b):
        c = _num_cmp(a, b)
        if c is None:
            return False
        return c < 0 if op == '<' else c > 0 if op == '>' else c <= 0 if op == '<=' else c >= 0
    if t is type(b):
        if t is list or t is tuple:
            for i in range(min(len(a), len(b))):
                if not _same(a[i], b[i]):
                    return _order(a[i], b[i], op)
            return _order(len(a), len(b), op)
        if t is set:
            if op == '<':
                return a.issubset(b) and len(a) < len(b)
            if op == '<=':
                return a.issubset(b)
            if op == '>':
                return b.issubset(a) and len(b) < len(a)
            return b.issubset(a)
    raise TypeError("'" + op + "' not supported between instances of '" + _tn(a) + "' and '" + _tn(b) + "'")


def _lt(a, b):
    if type(a) is float and type(b) is float:
        return a < b
    return _order(a, b, '<')


def _le(a, b):
    return _order(a, b, '<=')


def _gt(a, b):
    if type(a) is float and type(b) is float:
        return a > b
    return _order(a, b, '>')


def _ge(a, b):
    return _order(a, b, '>=')


def _iterated(x):
    # a list of what iterating x gives
    if x is None or _is_num(x):
        raise TypeError("'" + _tn(x) + "' object is not iterable")
    return list(x)


def _best(x, key, op, name, has_default, default):
    items = _iterated(x)
    if len(items) == 0:
        if has_default:
            return default
        raise ValueError(name + '() arg is an empty sequence')
    best = items[0]
    best_key = best if key is None else key(best)
    for y in items[1:]:
        k = y if key is None else key(y)
        if _order(k, best_key, op):
            best = y
            best_key = k
    return best


def _sorted(x, key, reverse):
    items = _iterated(x)
    if reverse is not True and reverse is not False:
        reverse = _index(reverse)
        if not -(2**31) <= reverse < 2**31:
            raise OverflowError('Python int too large to convert to C int')
    keys = items if key is None else [key(y) for y in items]
    if _plainly_ordered(keys):
        order = sorted(range(len(keys)), key=lambda i: keys[i], reverse=bool(reverse))
        return [items[i] for i in order]
    return _insertion_sorted(items, keys, reverse)


def _plainly_ordered(keys):
    if len(keys) == 0:
        return True
    t = type(keys[0])
    if t is not str and t is not int and t is not float:
        return False
    for k in keys:
        if type(k) is not t or k != k:
            return False
    return True


def _insertion_sorted(items, keys, reverse):
    # binary insertion, as CPython sorts fewer than 64 items; stable both ways
    pairs = [(keys[i], items[i]) for i in range(len(items))]
    if reverse:
        pairs.reverse()
    done = []
    for p in pairs:
        low = 0
        high = len(done)
        while low < high:
            mid = (low + high) // 2
            if _order(p[0], done[mid][0], '<'):
                high = mid
            else:
                low = mid + 1
        done.insert(low, p)
    if reverse:
        done.reverse()
    return [p[1] for p in done]


def _sum(x, start=0):
    if type(start) is str:
        raise TypeError("sum() can't sum strings [use ''.join(seq) instead]")
    total = start
    for y in _iterated(x):
        total = _add(total, y)
    return total


def _any_of(x, value, condition):
    for y in _iterated(x):
        if (condition is None or condition(y)) and value(y):
            return True
    return False


def _all_of(x, value, condition):
    for y in _iterated(x):
        if (condition is None or condition(y)) and not value(y):
            return False
    return True


def _reversed(x):
    if x is None or _is_num(x) or type(x) is set:
        raise TypeError("'" + _tn(x) + "' object is not reversible")
    items = list(x)
    items.reverse()
    return items


def _filter(f, x):
    return [y for y in _iterated(x) if (y if f is None else f(y))]


def _index_of(o, i):
    t = type(o)
    if t is dict:
        if type(i) is str and i not in o:
            raise KeyError(i)
        return o[i]
    if t is str or t is list or t is tuple:
        if type(i) is int:
            if i >= 2**63 or i < -(2**63):
                raise IndexError("cannot fit 'int' into an index-sized integer")
            return o[i]
        if type(i) is bool:
            return o[1 if i else 0]
        if t is str:
            raise TypeError("string indices must be integers, not '" + _tn(i) + "'")
        raise TypeError(_tn(o) + ' indices must be integers or slices, not ' + _tn(i))
    raise TypeError("'" + _tn(o) + "' object is not subscriptable")


def _bound(i):
    if i is None or type(i) is int and -(2**62) < i < 2**62:
        return i
    if type(i) is bool:
        return 1 if i else 0
    if type(i) is int:
        return 2**62 if i > 0 else -(2**62)
    raise TypeError('slice indices must be integers or None or have an __index__ method')


def _slice(o, a, b, c):
    t = type(o)
    if t is str or t is list or t is tuple:
        return o[_bound(a) : _bound(b) : _bound(c)]
    if t is dict:
        raise TypeError("unhashable type: 'slice'")
    raise TypeError("'" + _tn(o) + "' object is not subscriptable")


def _dict(x=()):
    if type(x) is dict:
        return dict(x)
    items = _iterated(x)
    for i in range(len(items)):
        t = type(items[i])
        if t is not str and t is not list and t is not tuple and t is not dict and t is not set:
            raise TypeError('cannot convert dictionary update sequence element #' + str(i) + ' to a sequence')
        if len(items[i]) != 2:
            raise ValueError('dictionary update sequence element #' + str(i) + ' has length ' + str(len(items[i])) + '; 2 is required')
    return dict([tuple(y) for y in items])
