"""A long-lived CPython that answers expressions: one JSON {"fn", "values"} a line in, a JSON list of answers a line out.
A value is JSON, or {"$": type, "text": ...} for a Decimal, date, datetime, time, bytes. An answer is the JSON text of the result, typed as
Ivory types it, or "!TypeName". The names Ivory adds to the documented eval are given as globals."""
import datetime, decimal, json, math, re, sys, warnings

warnings.simplefilter('ignore')
sys.setrecursionlimit(2000)
NAMES = {'re': re, 'math': math, 'json': json, 'decimal': decimal, 'Decimal': decimal.Decimal, 'datetime': datetime.datetime, 'date': datetime.date,
         'time': datetime.time, 'timedelta': datetime.timedelta, 'timezone': datetime.timezone,
         **{n: getattr(decimal, n) for n in dir(decimal) if n.startswith('ROUND_') and n != 'ROUND_05UP'}}
READ = {'decimal': decimal.Decimal, 'date': datetime.date.fromisoformat, 'datetime': datetime.datetime.fromisoformat,
        'time': datetime.time.fromisoformat, 'bytes': bytes.fromhex}


def load(value):
    return READ[value['$']](value['text']) if isinstance(value, dict) and '$' in value else value


def typed(x):
    if isinstance(x, bool) or x is None or isinstance(x, (int, float, str)):
        return x
    if isinstance(x, (list, tuple)):
        return [typed(y) for y in x]
    if isinstance(x, dict):
        return {key(k): typed(y) for k, y in x.items()}
    for name, kind in (('decimal', decimal.Decimal), ('datetime', datetime.datetime), ('date', datetime.date), ('time', datetime.time), ('timedelta', datetime.timedelta)):
        if isinstance(x, kind):
            return {'$': name, 'text': str(x)}
    if isinstance(x, bytes):
        return {'$': 'bytes', 'text': x.hex()}
    raise TypeError('no column holds it')


def key(k):
    return json.loads(json.dumps({k: 0}).replace('": 0}', '"]').replace('{"', '["'))[0] if not isinstance(k, str) else k


def answer(code, value, scope):
    try:
        return json.dumps(typed(eval(code, dict(scope), {'v': load(value)})), ensure_ascii=False, separators=(',', ':'))
    except RecursionError:
        return '!RecursionError'
    except Exception as error:
        return '!' + type(error).__name__


for line in sys.stdin:
    task = json.loads(line)
    scope = NAMES if task.get('names', True) else {}
    try:
        code = compile(task['fn'].strip(), 'fn', 'eval')
        out = [answer(code, value, scope) for value in task['values']]
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        out = '!' + type(error).__name__
    print(json.dumps(out), flush=True)
