import { positional } from './arguments.ts';
import { tooManyDigits } from './arithmetic.ts';
import { fail } from './errors.ts';
import type { Meter } from './meter.ts';
import { multiply } from './operators.ts';
import { indexOf, type Named, type Py } from './values.ts';

/** math.factorial. Throws ValueError, OverflowError. */
export function factorial(meter: Meter, value: Py): bigint {
  const n = indexOf(value);
  if (n < 0n) throw fail('ValueError', 'factorial() not defined for negative values');
  if (n > 3_300n) throw tooManyDigits();
  meter.spend(Number(n));
  let result = 1n;
  for (let i = 2n; i <= n; i++) result *= i;
  return result;
}

/** math.comb. Throws TypeError, ValueError, OverflowError. */
export function combinations(meter: Meter, args: readonly Py[], named: Named): Py {
  positional('comb', 2, 2, args, named);
  const [n, k] = counts(args);
  if (k > n) return 0n;
  const fewer = k * 2n < n ? k : n - k;
  if (fewer > 2n ** 63n) throw fail('OverflowError', 'min(n - k, k) must not exceed 9223372036854775807');
  return falling(meter, n, fewer, true);
}

/** math.perm. Throws TypeError, ValueError, OverflowError. */
export function permutations(meter: Meter, args: readonly Py[], named: Named): Py {
  positional('perm', 1, 2, args, named);
  if ((args[1] ?? null) === null) return factorial(meter, args[0] ?? null);
  const [n, k] = counts(args);
  return k > n ? 0n : falling(meter, n, k, false);
}

function counts(args: readonly Py[]): [bigint, bigint] {
  const [n = 0n, k = 0n] = args.map(indexOf);
  if (n < 0n) throw fail('ValueError', 'n must be a non-negative integer');
  if (k < 0n) throw fail('ValueError', 'k must be a non-negative integer');
  return [n, k];
}

/** n (n - 1) .. of `count` factors; `chosen`: divided by count!, which is exact at every step. */
function falling(meter: Meter, n: bigint, count: bigint, chosen: boolean): Py {
  let result: Py = 1n;
  for (let i = 1n; i <= count; i++) {
    meter.spend(1);
    result = multiply(meter, result, n - i + 1n);
    if (chosen && typeof result === 'bigint') result /= i;
  }
  return result;
}
