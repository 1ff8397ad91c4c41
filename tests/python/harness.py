"""What the checks of this folder share. A check prints `name value` for what must be the same on every way to the GPU, then
`ok name`; or `FAILED name reason`; or `skip name reason`. Names as arguments choose checks."""

import math
import sys
import time

_checks = []


def check(function):
    _checks.append(function)
    return function


class Skip(Exception):
    pass


def text(value):
    """Floats are rounded to what survives another order of additions."""
    if isinstance(value, (list, tuple)):
        return ",".join(text(v) for v in value)
    if hasattr(value, "item") and not isinstance(value, (bool, int, float, str)):
        value = value.item()
    if isinstance(value, float):
        return "nan" if math.isnan(value) else f"{value:.5g}"
    return str(value).replace(" ", "_")


def say(name, value):
    print(name, text(value), flush=True)


def require(condition, what=""):
    if not condition:
        raise AssertionError(what or "does not hold")


def main():
    wanted = set(sys.argv[1:])
    failed = 0
    for function in _checks:
        name = function.__name__
        if wanted and name not in wanted:
            continue
        began = time.time()
        try:
            for key, value in (function() or {}).items():
                say(f"{name}.{key}", value)
            print("ok", name, flush=True)
        except Skip as reason:
            print("skip", name, reason, flush=True)
        except Exception as error:
            failed += 1
            what = " ".join(f"{type(error).__name__}: {error}".split())[:300]
            print("FAILED", name, what, flush=True)
        print(f"{name} took {time.time() - began:.2f} s", file=sys.stderr, flush=True)
    sys.exit(1 if failed else 0)
