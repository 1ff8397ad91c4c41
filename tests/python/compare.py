"""Compares what a check program printed natively and through Pillion: compare.py NATIVE REMOTE. Ends with 1 if they differ."""

import sys


def read(path):
    values, verdicts = {}, {}
    for line in open(path, errors="replace"):
        words = line.rstrip("\n").split(" ", 2)
        if words[0] in ("ok", "FAILED", "skip"):
            verdicts[words[1] if len(words) > 1 else ""] = (words[0], words[2] if len(words) > 2 else "")
        elif len(words) == 2:
            values[words[0]] = words[1]
    return values, verdicts


def equal(a, b):
    if a == b:
        return True
    a, b = a.split(","), b.split(",")
    if len(a) != len(b):
        return False
    for x, y in zip(a, b):
        try:
            # What was rounded may differ in its last place.
            place = 1.01 * 10.0 ** -len(x.split(".")[1]) if "." in x and "e" not in x else 0
            if abs(float(x) - float(y)) > max(place, 2e-3 * max(1e-3, abs(float(x)))):
                return False
        except ValueError:
            if x != y:
                return False
    return True


native_values, native = read(sys.argv[1])
remote_values, remote = read(sys.argv[2])
differences = []
for name in list(native) + [n for n in remote if n not in native]:
    verdict, reason = native.get(name, ("missing", ""))
    other, why = remote.get(name, ("missing", ""))
    if other != verdict and not (other == "ok" and verdict in ("FAILED", "missing")):
        differences.append((name, f"{verdict} {reason}", f"{other} {why}"))
    elif verdict == "FAILED":
        print(f"  {name}: fails natively{' only' if other == 'ok' else ' as well'}: {reason}")
for name in native_values:
    if name in remote_values and not equal(native_values[name], remote_values[name]):
        differences.append((name, native_values[name], remote_values[name]))
passed = sum(v[0] == "ok" for v in remote.values())
if not native:
    differences.append(("(everything)", "printed nothing", f"{passed} ok"))
print(f"  {passed} of {len(native)} checks pass, {len(native_values)} values, {len(differences)} differences")
for name, a, b in differences:
    print(f"  {name}\n    native {a}\n    remote {b}")
sys.exit(1 if differences else 0)
