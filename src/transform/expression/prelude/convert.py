# str, repr, int and float as CPython 3.11 has them.


def _float_repr(x):
    if x != x:
        return 'nan'
    if x == _INF:
        return 'inf'
    if x == -_INF:
        return '-inf'
    a = -x if x < 0 else x
    if x == 0.0 or 0.0001 <= a < 1e16:
        return repr(x)
    sign = '-' if x < 0 else ''
    whole, _, part = repr(a).partition('.')
    if a >= 1e16:
        digits = whole.rstrip('0')
        e = len(whole) - 1
        mark = '+'
    else:
        digits = part.lstrip('0')
        e = len(part) - len(digits) + 1
        mark = '-'
    tail = '.' + digits[1:] if len(digits) > 1 else ''
    return sign + digits[0] + tail + 'e' + mark + str(e).rjust(2, '0')


def _plain_repr(x):
    t = type(x)
    if t is int:
        _printable_int(x)
    if t is str and not (x.isascii() and x.isalnum()):
        return _js_text('escape', repr(x))
    return repr(x)


def _printable_int(x):
    if -(10**4300) < x < 10**4300:
        return
    raise ValueError('Exceeds the limit (4300 digits) for integer string conversion; use sys.set_int_max_str_digits() to increase the limit')


def _repr(x):
    t = type(x)
    if t is float:
        return _float_repr(x)
    if t is list:
        return '[' + ', '.join([_repr(y) for y in x]) + ']'
    if t is tuple:
        return '(' + ', '.join([_repr(y) for y in x]) + (',)' if len(x) == 1 else ')')
    if t is dict:
        return '{' + ', '.join([_repr(k) + ': ' + _repr(y) for k, y in x.items()]) + '}'
    if t is set and len(x) > 1:
        raise TypeError('a set has no order to print it in; use sorted(...)')
    if t is set and len(x) == 1:
        return '{' + ', '.join([_repr(y) for y in x]) + '}'
    return _plain_repr(x)


def _str(x=''):
    t = type(x)
    if t is str:
        return x
    if t is int:
        if -_SAFE < x < _SAFE:
            return str(x)
        _printable_int(x)
        return str(x)
    return _repr(x)


def _ascii_number(s):
    # trimmed, with any script's digits made ASCII, as int() and float() read text
    return s.strip() if s.isascii() else _js_text('digits', _strip(s))


def _without_underscores(s):
    # Python allows one underscore between two digits; None: malformed
    if '_' not in s:
        return s
    for i in range(len(s)):
        if s[i] == '_':
            if i == 0 or i == len(s) - 1 or not s[i - 1].isalnum() or not s[i + 1].isalnum():
                return None
    return s.replace('_', '')


def _float(x=0.0):
    t = type(x)
    if t is str:
        try:
            return float(x)
        except ValueError:
            return _float_of_text(x)
    if t is float:
        return x
    if t is int or t is bool:
        return _to_float(x)
    raise TypeError("float() argument must be a string or a real number, not '" + _tn(x) + "'")


def _float_of_text(x):
    # the engine's float() takes nothing CPython refuses, but neither underscores nor non-ASCII digits
    s = _ascii_number(x)
    body = s[1:] if s[:1] == '-' or s[:1] == '+' else s
    low = body.lower()
    if low == 'inf' or low == 'infinity':
        return -_INF if s[0] == '-' else _INF
    if low == 'nan':
        return _NAN
    body = _float_body(low)
    if body is None:
        raise ValueError('could not convert string to float: ' + _repr(x))
    return -float(body) if s[0] == '-' else float(body)


def _float_body(s):
    mantissa, mark, exponent = s.partition('e')
    if mark:
        e = exponent[1:] if exponent[:1] == '-' or exponent[:1] == '+' else exponent
        if not _digits_only(e):
            return None
    whole, _, part = mantissa.partition('.')
    if (whole == '' and part == '') or (whole != '' and not _digits_only(whole)) or (part != '' and not _digits_only(part)):
        return None
    return s.replace('_', '')


def _digits_only(s):
    s = _without_underscores(s)
    return s is not None and s.isascii() and s.isdigit()


def _int(x=0):
    t = type(x)
    if t is int:
        return x
    if t is str:
        if len(x) < 18 and x.isdigit() and x.isascii():
            return int(x)
        return _int_of_text(x, 10)
    if t is float:
        return _float_to_int(x)
    if t is bool:
        return 1 if x else 0
    raise TypeError("int() argument must be a string, a bytes-like object or a real number, not '" + _tn(x) + "'")


def _int_base(x, base):
    base = _index(base)
    if type(x) is not str:
        raise TypeError("int() can't convert non-string with explicit base")
    if base != 0 and (base < 2 or base > 36):
        raise ValueError('int() base must be >= 2 and <= 36, or 0')
    return _int_of_text(x, base)


def _int_of_text(x, base):
    s = _ascii_number(x).lower()
    negative = s[:1] == '-'
    if negative or s[:1] == '+':
        s = s[1:]
    asked = base
    prefix = s[:2]
    if (base == 16 or base == 0) and prefix == '0x':
        base, s = 16, s[3:] if s[2:3] == '_' else s[2:]
    elif (base == 8 or base == 0) and prefix == '0o':
        base, s = 8, s[3:] if s[2:3] == '_' else s[2:]
    elif (base == 2 or base == 0) and prefix == '0b':
        base, s = 2, s[3:] if s[2:3] == '_' else s[2:]
    elif base == 0:
        base = 10
        if s[:1] == '0' and s.replace('_', '').strip('0') != '':
            s = ''
    n = _int_of_digits(s, base)
    if n is None:
        raise ValueError('invalid literal for int() with base ' + str(asked) + ': ' + _repr(x))
    return -n if negative else n


def _int_of_digits(s, base):
    s = _without_underscores(s)
    if s is None or s == '' or not s.isascii() or not s.isalnum():
        return None
    if base == 10:
        if not s.isdigit():
            return None
        if len(s) > 4300:
            raise ValueError('Exceeds the limit (4300 digits) for integer string conversion: value has ' + str(len(s)) + ' digits; use sys.set_int_max_str_digits() to increase the limit')
        return int(s)
    if len(s) > 10000:
        raise OverflowError('an int of more than 10000 digits')
    n = 0
    for c in s:
        d = ord(c) - 48 if c.isdigit() else ord(c) - 87
        if d >= base:
            return None
        n = n * base + d
    return n
