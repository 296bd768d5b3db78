"""The documented way: eval(fn, {}, {"v": v}) for each value; an error marks its value. Prints the seconds of the loop."""
import json, sys, time

fn, path = sys.argv[1], sys.argv[2]
with open(path) as file:
    values = json.load(file)
results = []
started, used = time.perf_counter(), time.process_time()
for v in values:
    try:
        results.append(eval(fn, {}, {"v": v}))
    except Exception as error:
        results.append(error)
seconds, cpu = time.perf_counter() - started, time.process_time() - used
good = [r for r in results if not isinstance(r, Exception)]
print(json.dumps({"seconds": seconds, "cpuS": cpu, "errors": len(results) - len(good), "checksum": sum(map(len, map(repr, good)))}))
