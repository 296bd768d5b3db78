# String methods and formatting as CPython 3.11 has them.


def _method_of_str(o, name):
    if type(o) is not str:
        raise AttributeError("'" + _tn(o) + "' object has no attribute '" + name + "'")
    return o


def _described(x, name):
    if type(x) is not str:
        raise TypeError("descriptor '" + name + "' for 'str' objects doesn't apply to a '" + _tn(x) + "' object")
    return x


def _join(o, x):
    _method_of_str(o, 'join')
    if x is None or _is_num(x):
        raise TypeError('can only join an iterable')
    items = list(x)
    total = len(o) * len(items)
    for i in range(len(items)):
        if type(items[i]) is not str:
            raise TypeError('sequence item ' + str(i) + ': expected str instance, ' + _tn(items[i]) + ' found')
        total += len(items[i])
    if total > 10000000:
        raise MemoryError('a text of more than 10000000 characters')
    return o.join(items)


def _strip(o):
    # the engine's strip() leaves U+001C to U+001F, which Python counts as white space
    s = o.strip()
    if s != '' and (s[0] < ' ' or s[-1] < ' '):
        return _js_text('strip', s)
    return s


def _lstrip(o):
    s = o.lstrip()
    return _js_text('lstrip', s) if s != '' and s[0] < ' ' else s


def _rstrip(o):
    s = o.rstrip()
    return _js_text('rstrip', s) if s != '' and s[-1] < ' ' else s


def _split(o):
    if type(o) is str and ('\x1c' in o or '\x1d' in o or '\x1e' in o or '\x1f' in o):
        return o.replace('\x1c', ' ').replace('\x1d', ' ').replace('\x1e', ' ').replace('\x1f', ' ').split()
    return o.split()


def _splitlines(o):
    _method_of_str(o, 'splitlines')
    for c in '\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029':
        if c in o:
            o = o.replace(c, '\n')
    return o.splitlines()


def _text_test(o, name):
    return _js_text(name, _method_of_str(o, name)) == 'yes'


def _isdigit(o):
    return o.isdigit() if type(o) is str and o.isascii() else _text_test(o, 'isdigit')


def _isdecimal(o):
    return o.isdecimal() if type(o) is str and o.isascii() else _text_test(o, 'isdecimal')


def _isnumeric(o):
    return o.isnumeric() if type(o) is str and o.isascii() else _text_test(o, 'isnumeric')


def _isalpha(o):
    return o.isalpha() if type(o) is str and o.isascii() else _text_test(o, 'isalpha')


def _isalnum(o):
    return o.isalnum() if type(o) is str and o.isascii() else _text_test(o, 'isalnum')


def _isidentifier(o):
    return o.isidentifier() if type(o) is str and o.isascii() else _text_test(o, 'isidentifier')


def _isspace(o):
    return _text_test(o, 'isspace')


def _title(o):
    return o.title() if type(o) is str and o.isascii() else _js_text('title', _method_of_str(o, 'title'))


def _capitalize(o):
    return o.capitalize() if type(o) is str and o.isascii() else _js_text('capitalize', _method_of_str(o, 'capitalize'))


def _center(o, width, fill=' '):
    _method_of_str(o, 'center')
    width = _index(width)
    if type(fill) is not str or len(fill) != 1:
        return o.center(width, fill)
    short = width - len(o)
    if short <= 0:
        return o
    left = short // 2 + (short & width & 1)
    return fill * left + o + fill * (short - left)


def _from(o, name, sub, start, end=None):
    # find() and its kin with a start: an empty text is not found beyond the end
    start = _bound(start)
    end = _bound(end)
    if type(o) is str and sub == '' and start is not None and start > len(o):
        if name == 'index' or name == 'rindex':
            raise ValueError('substring not found')
        return -1 if name == 'find' or name == 'rfind' else 0 if name == 'count' else False
    if type(o) is not str and name != 'index' and name != 'count':
        _method_of_str(o, name)
    if type(o) is str and end is None:
        end = len(o)
    if start is None:
        start = 0
    if type(o) is list and end is None:
        end = len(o)
    if name == 'find':
        return o.find(sub, start, end)
    if name == 'rfind':
        return o.rfind(sub, start, end)
    if name == 'index':
        return o.index(sub, start, end)
    if name == 'rindex':
        return o.rindex(sub, start, end)
    if name == 'count':
        return o.count(sub, start, end)
    if name == 'startswith':
        return o.startswith(sub, start, end)
    return o.endswith(sub, start, end)


def _get(o, *args):
    if type(o) is not dict:
        raise AttributeError("'" + _tn(o) + "' object has no attribute 'get'")
    return o.get(*args)


def _parse_spec(spec):
    # [[fill]align][sign][#][0][width][grouping][.precision][type]
    fill = ' '
    align = ''
    i = 0
    if len(spec) > 1 and spec[1] in '<>=^':
        fill = spec[0]
        align = spec[1]
        i = 2
    elif spec[:1] != '' and spec[0] in '<>=^':
        align = spec[0]
        i = 1
    sign = ''
    if spec[i : i + 1] != '' and spec[i] in '+- ':
        sign = spec[i]
        i += 1
    coerced = spec[i : i + 1] == 'z'
    if coerced:
        i += 1
    alt = spec[i : i + 1] == '#'
    if alt:
        i += 1
    zero = spec[i : i + 1] == '0'
    if zero:
        i += 1
        if align == '':
            fill = '0'
            align = '='
    start = i
    while spec[i : i + 1] != '' and spec[i] in '0123456789':
        i += 1
    width = _small(spec[start:i])
    group = ''
    if spec[i : i + 1] != '' and spec[i] in ',_':
        group = spec[i]
        i += 1
        if spec[i : i + 1] != '' and spec[i] in ',_':
            raise ValueError("Cannot specify both ',' and '_'." if spec[i] != group else "Cannot specify '" + group + "' with '" + group + "'.")
    precision = None
    if spec[i : i + 1] == '.':
        start = i + 1
        i = start
        while spec[i : i + 1] != '' and spec[i] in '0123456789':
            i += 1
        if i == start:
            raise ValueError('Format specifier missing precision')
        precision = _small(spec[start:i])
    kind = spec[i:]
    if len(kind) > 1:
        return None
    return (fill, align, sign, alt, width, group, precision, kind, zero, coerced)


def _small(s):
    if s == '':
        return 0
    if len(s) > 6 or int(s) > 10000:
        raise ValueError('a width or precision of more than 10000')
    return int(s)


def _pad(prefix, body, fill, align, width, default):
    short = width - len(prefix) - len(body)
    if align == '':
        align = default
    if short <= 0:
        return prefix + body
    if align == '<':
        return prefix + body + fill * short
    if align == '>':
        return fill * short + prefix + body
    if align == '=':
        return prefix + fill * short + body
    return fill * (short // 2) + prefix + body + fill * (short - short // 2)


def _grouped(digits, mark, size):
    out = []
    while len(digits) > size:
        out.insert(0, digits[-size:])
        digits = digits[:-size]
    out.insert(0, digits)
    return mark.join(out)


def _fmt(x, spec):
    if spec == '':
        return _str(x)
    t = type(x)
    if t is not str and t is not int and t is not float and t is not bool:
        raise TypeError('unsupported format string passed to ' + _tn(x) + '.__format__')
    parsed = _parse_spec(spec)
    if parsed is None:
        raise ValueError('Invalid format specifier')
    kind = parsed[7]
    if t is str:
        return _fmt_str(x, parsed)
    if kind != '' and kind in 'eEfFgG%' or kind == 'n' and t is float:
        return _fmt_float(_to_float(x) if t is not float else x, parsed)
    if t is float:
        if kind == '':
            return _fmt_float(x, parsed)
        raise ValueError("Unknown format code '" + kind + "' for object of type 'float'")
    if t is bool:
        x = 1 if x else 0
    return _fmt_int(x, parsed, 'bool' if t is bool else 'int')


def _fmt_str(x, p):
    fill, align, sign, alt, width, group, precision, kind, zero, coerced = p
    if kind != '' and kind != 's':
        raise ValueError("Unknown format code '" + kind + "' for object of type 'str'")
    if sign != '':
        raise ValueError('Space not allowed in string format specifier' if sign == ' ' else 'Sign not allowed in string format specifier')
    if coerced:
        raise ValueError('Negative zero coercion (z) not allowed in string format specifier')
    if alt:
        raise ValueError('Alternate form (#) not allowed in string format specifier')
    if group != '':
        raise ValueError("Cannot specify '" + group + "' with 's'.")
    if align == '=':
        if not zero:
            raise ValueError("'=' alignment not allowed in string format specifier")
        align = '<'
    if precision is not None:
        x = x[:precision]
    return _pad('', x, fill, align, width, '<')


def _fmt_int(x, p, name):
    fill, align, sign, alt, width, group, precision, kind, zero, coerced = p
    if coerced:
        raise ValueError('Negative zero coercion (z) not allowed in format specifier with integer format code')
    if precision is not None:
        raise ValueError('Precision not allowed in integer format specifier')
    if kind == 'c':
        if sign != '' or alt:
            raise ValueError("Sign not allowed with integer format specifier 'c'" if sign != '' else "Alternate form (#) not allowed with integer format specifier 'c'")
        return _pad('', _percent_char(x), fill, align, width, '<')
    a = -x if x < 0 else x
    size = 4
    prefix = ''
    if kind == '' or kind == 'd' or kind == 'n' and group == '':
        digits = _str(a)
        size = 3
    elif kind == 'x' or kind == 'X':
        digits = hex(a)[2:]
        prefix = '0x'
    elif kind == 'o':
        digits = oct(a)[2:]
        prefix = '0o'
    elif kind == 'b':
        digits = bin(a)[2:]
        prefix = '0b'
    else:
        raise ValueError("Unknown format code '" + kind + "' for object of type '" + name + "'")
    if group == ',' and size == 4:
        raise ValueError("Cannot specify ',' with '" + kind + "'.")
    mark = '-' if x < 0 else sign if sign == '+' or sign == ' ' else ''
    if alt:
        mark += prefix
    if kind == 'X':
        digits = digits.upper()
        mark = mark.upper()
    if group != '':
        digits = _zero_grouped(digits, '', group, size, width - len(mark) if fill == '0' and align == '=' else 0)
    return _pad(mark, digits, fill, align, width, '>')


def _zero_grouped(digits, tail, group, size, width):
    out = _grouped(digits, group, size)
    while len(out) + len(tail) < width:
        digits = '0' + digits
        out = _grouped(digits, group, size)
    return out


def _fmt_float(x, p):
    fill, align, sign, alt, width, group, precision, kind, zero, coerced = p
    if alt:
        raise ValueError('the alternate form (#) of a float is not supported')
    negative = math.copysign(1.0, x) < 0 and x == x
    a = -x if negative else x
    mark = '-' if negative else sign if sign == '+' or sign == ' ' else ''
    if a != a or a == _INF:
        body = 'nan' if a != a else 'inf'
        if kind == '%':
            body += '%'
        return _pad(mark, body.upper() if kind != '' and kind in 'EFG' else body, fill, align, width, '>')
    body = _float_digits(a, kind, precision)
    if coerced and mark == '-' and body.strip('0.%') == '':
        mark = sign if sign == '+' or sign == ' ' else ''
    if kind != '' and kind in 'EFG':
        body = body.upper()
    if group != '':
        cut = 0
        while cut < len(body) and body[cut] in '0123456789':
            cut += 1
        room = width - len(mark) if fill == '0' and align == '=' else 0
        tail = body[cut:]
        body = _zero_grouped(body[:cut], tail, group, 3, room) + tail
    return _pad(mark, body, fill, align, width, '>')


def _float_digits(a, kind, precision):
    n = 6 if precision is None else precision
    if kind == 'f' or kind == 'F':
        return f'{a:.{n}f}'
    if kind == '%':
        scaled = a * 100.0
        return ('inf' if scaled == _INF else f'{scaled:.{n}f}') + '%'
    if kind == 'e' or kind == 'E':
        return _exponent(a, n)
    if kind == '' and precision is None:
        return _float_repr(a)
    return _general(a, 1 if n == 0 else n, kind == '')


def _exponent(a, n):
    mantissa, _, e = f'{a:.{n}e}'.partition('e')
    mark = '-' if e[:1] == '-' else '+'
    return mantissa + 'e' + mark + e.lstrip('+-').lstrip('0').rjust(2, '0')


def _general(a, n, dotted):
    mantissa, _, e = _exponent(a, n - 1).partition('e')
    e = int(e)
    if e < -4 or e >= n - (1 if dotted else 0):
        if '.' in mantissa:
            mantissa = mantissa.rstrip('0').rstrip('.')
        return mantissa + 'e' + ('-' if e < 0 else '+') + str(abs(e)).rjust(2, '0')
    body = f'{a:.{max(n - 1 - e, 0)}f}'
    if '.' in body:
        body = body.rstrip('0').rstrip('.')
    return body + '.0' if dotted and '.' not in body else body


def _percent(f, args):
    # '%' formatting
    out = []
    values = list(args) if type(args) is tuple else [args]
    used = 0
    keyed = False
    i = 0
    while i < len(f):
        at = f.find('%', i)
        if at < 0:
            out.append(f[i:])
            break
        out.append(f[i:at])
        i = at + 1
        if f[i : i + 1] == '%':
            out.append('%')
            i += 1
            continue
        name = None
        if f[i : i + 1] == '(':
            end = f.find(')', i)
            if end < 0:
                raise ValueError('incomplete format key')
            name = f[i + 1 : end]
            i = end + 1
            if type(args) is not dict:
                raise TypeError('format requires a mapping')
            keyed = True
        flags = ''
        while f[i : i + 1] != '' and f[i] in '-+ #0':
            flags += f[i]
            i += 1
        start = i
        while f[i : i + 1] != '' and f[i] in '0123456789':
            i += 1
        width = _small(f[start:i])
        precision = None
        if f[i : i + 1] == '.':
            start = i + 1
            i = start
            while f[i : i + 1] != '' and f[i] in '0123456789':
                i += 1
            precision = _small(f[start:i])
        kind = f[i : i + 1]
        if kind == '':
            raise ValueError('incomplete format')
        i += 1
        if kind not in 'sradiuoxXeEfFgGc':
            raise ValueError('unsupported format character ' + repr(kind) + ' (0x' + hex(ord(kind))[2:] + ') at index ' + str(i - 1))
        if name is not None:
            value = _index_of(args, name)
        else:
            if used >= len(values):
                raise TypeError('not enough arguments for format string')
            value = values[used]
            used += 1
        out.append(_percent_one(value, flags, width, precision, kind))
    if used < len(values) and not keyed and not (type(args) is dict or type(args) is list):
        raise TypeError('not all arguments converted during string formatting')
    return ''.join(out)


def _percent_char(x):
    if not 0 <= _index(x) < 0x110000:
        raise OverflowError('%c arg not in range(0x110000)')
    return _chr(x)


def _percent_one(x, flags, width, precision, kind):
    left = '-' in flags
    align = '<' if left else '>'
    if kind == 'a':
        raise ValueError('%a is not supported')
    if kind == 's' or kind == 'r':
        s = _str(x) if kind == 's' else _repr(x)
        return _pad('', s if precision is None else s[:precision], ' ', align, width, '>')
    if kind == 'c':
        if type(x) is str:
            if len(x) != 1:
                raise TypeError('%c requires int or char')
            return _pad('', x, ' ', align, width, '>')
        return _pad('', _percent_char(x), ' ', align, width, '>')
    if '#' in flags and kind in 'eEfFgG':
        raise ValueError('the alternate form (#) of a float is not supported')
    sign = '+' if '+' in flags else ' ' if ' ' in flags else ''
    if kind in 'diuoxX':
        if kind in 'oxX' and type(x) is not int and type(x) is not bool:
            raise TypeError('%' + kind + ' format: an integer is required, not ' + _tn(x))
        if not _is_num(x):
            raise TypeError('%' + kind + ' format: a real number is required, not ' + _tn(x))
        x = _int(x)
        body = _fmt_int(-x if x < 0 else x, (' ', '', '', False, 0, '', None, kind if kind in 'oxX' else 'd', False, False), 'int')
        if precision is not None:
            body = body.rjust(precision, '0')
        mark = '-' if x < 0 else sign
        if '#' in flags and kind in 'oxX':
            mark += '0' + kind
    else:
        if not _is_num(x):
            raise TypeError('must be real number, not ' + _tn(x))
        x = _float(x)
        body = _fmt_float(x, (' ', '', sign, False, 0, '', 6 if precision is None else precision, kind, False, False))
        mark = ''
        if body[:1] != '' and body[0] in '+- ':
            mark = body[0]
            body = body[1:]
    if '0' in flags and not left:
        return _pad(mark, body, '0', '=', width, '>')
    return _pad(mark, body, ' ', align, width, '>')
