# Python's arithmetic where the engine's own differs from CPython 3.11. Every name starts with an underscore: expressions cannot use those.
import math

_INT_LIMIT = 10**10000
_SAFE = 2**53
_NAN = float('nan')
_INF = float('inf')


def _tn(x):
    return 'NoneType' if x is None else type(x).__name__


def _is_num(x):
    t = type(x)
    return t is int or t is float or t is bool


def _unsupported(op, a, b):
    raise TypeError("unsupported operand type(s) for " + op + ": '" + _tn(a) + "' and '" + _tn(b) + "'")


def _sized(n):
    if n > _INT_LIMIT or n < -_INT_LIMIT:
        raise OverflowError('an int of more than 10000 digits')
    return n


def _to_float(n):
    # n is an int or a bool
    if n is True:
        return 1.0
    if n is False:
        return 0.0
    if -_SAFE <= n <= _SAFE:
        return float(n)
    return _ratio(n, 1)


def _ratio(a, b):
    # a / b of two ints, rounded once, as CPython does
    if b < 0:
        a = -a
        b = -b
    sign = 1.0
    if a < 0:
        a = -a
        sign = -1.0
    if a <= _SAFE and b <= _SAFE:
        return sign * float(a) / float(b)
    shift = _bits(a) - _bits(b) - 66
    if shift > 1000:
        raise OverflowError('int too large to convert to float' if b == 1 else 'integer division result too large for a float')
    if shift < -1200:
        return sign * 0.0
    if shift >= 0:
        b = b << shift
    else:
        a = a << -shift
    q = a // b
    if q * b != a:
        q = q | 1
    drop = _bits(q) - 53
    low = shift + drop
    if low < -1074:
        drop = drop - 1074 - low
    half = 1 << (drop - 1)
    rest = q & ((1 << drop) - 1)
    q = q >> drop
    if rest > half or (rest == half and q & 1):
        q += 1
    e = shift + drop
    r = float(q)
    while e > 900:
        r = r * 2.0**900
        e -= 900
    while e < -900:
        r = r * 2.0**-900
        e += 900
    r = r * 2.0**e
    if r == _INF:
        raise OverflowError('int too large to convert to float' if b == 1 << max(shift, 0) else 'integer division result too large for a float')
    return sign * r


def _bits(n):
    return len(bin(n)) - 2


def _pair(a, b):
    # two numbers made one type: both int or both float
    if type(a) is bool:
        a = 1 if a else 0
    if type(b) is bool:
        b = 1 if b else 0
    if type(a) is float:
        if type(b) is int:
            b = _to_float(b)
    elif type(b) is float:
        a = _to_float(a)
    return (a, b)


def _add(a, b):
    t = type(a)
    if t is type(b) and t is not bool:
        if t is str or t is list or t is tuple:
            return a + b
        if t is int:
            return _sized(a + b)
        if t is float:
            return a + b
    if _is_num(a) and _is_num(b):
        a, b = _pair(a, b)
        return a + b
    if t is str:
        raise TypeError('can only concatenate str (not "' + _tn(b) + '") to str')
    if t is list or t is tuple:
        raise TypeError('can only concatenate ' + _tn(a) + ' (not "' + _tn(b) + '") to ' + _tn(a))
    _unsupported('+', a, b)


def _sub(a, b):
    t = type(a)
    if t is float and t is type(b):
        return a - b
    if _is_num(a) and _is_num(b):
        a, b = _pair(a, b)
        return a - b
    if t is set and type(b) is set:
        return a - b
    _unsupported('-', a, b)


def _mul(a, b):
    if type(a) is float and type(b) is float:
        return a * b
    if _is_num(a):
        if _is_num(b):
            a, b = _pair(a, b)
            if type(a) is int:
                return _sized(a * b)
            return a * b
        if type(b) is str or type(b) is list or type(b) is tuple:
            a, b = b, a
    if type(a) is str or type(a) is list or type(a) is tuple:
        if type(b) is bool:
            b = 1 if b else 0
        if type(b) is not int:
            raise TypeError("can't multiply sequence by non-int of type '" + _tn(b) + "'")
        if b >= 2**63:
            raise OverflowError("cannot fit 'int' into an index-sized integer")
        if b <= 0:
            return a[:0]
        return a * b
    _unsupported('*', a, b)


def _truediv(a, b):
    if _is_num(a) and _is_num(b):
        if type(a) is float or type(b) is float:
            a, b = _pair(a, b)
            if b == 0.0:
                raise ZeroDivisionError('float division by zero')
            return a / b
        a, b = _pair(a, b)
        if b == 0:
            raise ZeroDivisionError('division by zero')
        return _ratio(a, b)
    _unsupported('/', a, b)


def _float_divmod(a, b):
    # CPython's _float_div_mod
    if a != a or b != b or a == _INF or a == -_INF:
        return (_NAN, _NAN)
    mod = math.fmod(a, b)
    div = (a - mod) / b
    if mod:
        if (b < 0) != (mod < 0):
            mod += b
            div -= 1.0
    else:
        mod = math.copysign(0.0, b)
    if div:
        whole = div if abs(div) >= 4503599627370496.0 else float(math.floor(div))
        if div - whole > 0.5:
            whole += 1.0
        if whole == 0.0:
            whole = math.copysign(0.0, div)
    else:
        whole = math.copysign(0.0, a / b)
    return (whole, mod)


def _floordiv(a, b):
    if _is_num(a) and _is_num(b):
        a, b = _pair(a, b)
        if type(a) is float:
            if b == 0.0:
                raise ZeroDivisionError('float floor division by zero')
            return _float_divmod(a, b)[0]
        if b == 0:
            raise ZeroDivisionError('integer division or modulo by zero')
        return a // b
    _unsupported('//', a, b)


def _mod(a, b):
    if _is_num(a) and _is_num(b):
        a, b = _pair(a, b)
        if type(a) is float:
            if b == 0.0:
                raise ZeroDivisionError('float modulo')
            return _float_divmod(a, b)[1]
        if b == 0:
            raise ZeroDivisionError('integer modulo by zero')
        return a % b
    if type(a) is str:
        return _percent(a, b)
    _unsupported('%', a, b)


def _divmod(a, b):
    if _is_num(a) and _is_num(b):
        a, b = _pair(a, b)
        if type(a) is float:
            if b == 0.0:
                raise ZeroDivisionError('float divmod()')
            return _float_divmod(a, b)
        if b == 0:
            raise ZeroDivisionError('integer division or modulo by zero')
        return (a // b, a % b)
    _unsupported('divmod()', a, b)


def _pow(a, b):
    if not (_is_num(a) and _is_num(b)):
        _unsupported('** or pow()', a, b)
    if type(a) is not float and type(b) is not float:
        a, b = _pair(a, b)
        if b >= 0:
            if -2 < a < 2:
                return a**(b & 1 if a < 0 else min(b, 1))
            if b > 40000 or _bits(abs(a)) * b > 80000:
                raise OverflowError('an int of more than 10000 digits')
            return _sized(a**b)
        a = _to_float(a)
        b = _to_float(b)
    else:
        a, b = _pair(a, b)
    if a == 0.0 and b < 0.0:
        if b == -_INF:
            return _INF
        raise ZeroDivisionError('0.0 cannot be raised to a negative power')
    if a < 0.0 and a != -_INF and abs(b) < 4503599627370496.0 and b != math.floor(b):
        raise TypeError('the power is a complex number, which no column holds')
    r = a**b
    if (r == _INF or r == -_INF) and abs(a) != _INF and abs(b) != _INF:
        raise OverflowError("(34, 'Numerical result out of range')")
    return r


def _neg(a):
    if _is_num(a):
        if type(a) is bool:
            return -1 if a else 0
        return -a
    raise TypeError("bad operand type for unary -: '" + _tn(a) + "'")


def _pos(a):
    if _is_num(a):
        if type(a) is bool:
            return 1 if a else 0
        return a
    raise TypeError("bad operand type for unary +: '" + _tn(a) + "'")


def _invert(a):
    if type(a) is int or type(a) is bool:
        return -1 - _pair(a, 0)[0]
    raise TypeError("bad operand type for unary ~: '" + _tn(a) + "'")


def _bit(op, a, b):
    ta = type(a)
    tb = type(b)
    both_bool = ta is bool and tb is bool
    if ta is set and tb is set and op != '<<' and op != '>>':
        return a & b if op == '&' else a | b if op == '|' else a ^ b
    if ta is dict and tb is dict and op == '|':
        return dict(list(a.items()) + list(b.items()))
    if (ta is not int and ta is not bool) or (tb is not int and tb is not bool):
        _unsupported(op, a, b)
    a, b = _pair(a, b)
    if op == '&':
        r = a & b
    elif op == '|':
        r = a | b
    elif op == '^':
        r = a ^ b
    elif b < 0:
        raise ValueError('negative shift count')
    elif op == '<<':
        if a == 0:
            return 0
        if b > 40000:
            raise OverflowError('an int of more than 10000 digits')
        return _sized(a << b)
    else:
        return (-1 if a < 0 else 0) if b > 40000 else a >> b
    return r == 1 if both_bool else r


def _float_to_int(x):
    if x != x:
        raise ValueError('cannot convert float NaN to integer')
    if x == _INF or x == -_INF:
        raise OverflowError('cannot convert float infinity to integer')
    if -9007199254740992.0 < x < 9007199254740992.0:
        return int(x)
    return int(f'{x:.0f}')


def _round(x, n=None):
    t = type(x)
    if t is bool:
        x = 1 if x else 0
        t = int
    if type(n) is bool:
        n = 1 if n else 0
    if n is not None and type(n) is not int:
        if _is_num(x):
            raise TypeError("'" + _tn(n) + "' object cannot be interpreted as an integer")
    if t is float:
        if n is None:
            if x != x:
                raise ValueError('cannot convert float NaN to integer')
            if x == _INF or x == -_INF:
                raise OverflowError('cannot convert float infinity to integer')
            return int(f'{x:.0f}')
        return _round_float(x, n)
    if t is int:
        return x if n is None or n >= 0 else _round_int(x, -n)
    raise TypeError('type ' + _tn(x) + " doesn't define __round__ method")


def _round_float(x, n):
    if x != x or x == _INF or x == -_INF or n > 323:
        return x
    if n < -308:
        return math.copysign(0.0, x)
    if n >= 0:
        return float(f'{x:.{n}f}')
    # half to even on the exact value
    a = abs(x)
    unit = 10**-n
    whole = _float_to_int(a)
    exact = a >= 9007199254740992.0 or float(whole) == a
    q = whole // unit
    twice = (whole - q * unit) * 2
    if twice > unit or (twice == unit and (not exact or q & 1)):
        q += 1
    r = _to_float(q * unit)
    return math.copysign(r, x)


def _round_int(x, n):
    if n > 10000:
        return 0
    unit = 10**n
    q = x // unit
    twice = (x - q * unit) * 2
    if twice > unit or (twice == unit and q & 1):
        q += 1
    return q * unit


def _index(x):
    t = type(x)
    if t is int:
        return x
    if t is bool:
        return 1 if x else 0
    raise TypeError("'" + _tn(x) + "' object cannot be interpreted as an integer")


def _abs(x):
    if type(x) is bool:
        return 1 if x else 0
    if _is_num(x):
        return abs(x)
    raise TypeError("bad operand type for abs(): '" + _tn(x) + "'")


def _chr(x):
    n = _index(x)
    if n < -(2**31) or n >= 2**31:
        raise OverflowError('Python int too large to convert to C int')
    if 0xD800 <= n <= 0xDFFF:
        raise ValueError('a lone surrogate is not text')
    return chr(n)


def _radix(x, f):
    return f(_index(x))
