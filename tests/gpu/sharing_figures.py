"""For sharing.py: what its samples come to, in figures, tables and plots. Nothing here touches a GPU, and only the plots need a package.

A sample is when a request began and how many milliseconds it took. What a phase comes to is counted from requests that lie wholly in it."""

import bisect
import math
import statistics

TITLES = {
    "native": "native, time slices", "mps": "native, MPS", "mps-share": "native, MPS with percentages", "isolated": "Pillion, isolated",
    "turns": "Pillion, turns", "dense": "Pillion, dense", "dense-share": "Pillion, dense with shares"}
COLOURS = {"A": "#0072b2", "B": "#d55e00", "C": "#009e73"}


def percentile(values, part):
    """The smallest value that at least this part of them does not exceed."""
    ordered = sorted(values)
    return ordered[max(math.ceil(part * len(ordered)) - 1, 0)]


def within(samples, begin, end):
    """What the requests took that lie wholly in this time."""
    return [took for at, took in samples if at >= begin and at + took / 1000 <= end]


def of_phase(samples, begin, end):
    """Requests, how many a second, and of their latency, in milliseconds, the median and the 99th percentile."""
    took = within(samples, begin, end)
    if not took:
        return {"requests": 0, "rate": 0.0, "median": None, "p99": None}
    return {"requests": len(took), "rate": len(took) / (end - begin), "median": statistics.median(took), "p99": percentile(took, 0.99)}


def ratio(one, other):
    return one / other if one is not None and other else None


def total(parts):
    parts = list(parts)
    return None if None in parts else sum(parts)


def of_run(experiment, way, run, samples):
    """A list with, for each phase, the figures of each tenant in it."""
    found = []
    for phase in run.get("phases", []):
        of = {name: of_phase(samples.get(f"{experiment}/{way}/{name}", []), phase["begin"], phase["end"]) for name in phase["tenants"]}
        found.append({key: value for key, value in phase.items() if key not in ("begin", "end", "tenants")} | {
            "seconds": phase["end"] - phase["begin"], "tenants": of})
    return found


def alone(phases):
    """The figures of each tenant in the phase that it has to itself."""
    return {name: of for phase in phases if len(phase["tenants"]) == 1 for name, of in phase["tenants"].items()}


def timeline(phases, native_alone):
    """Adds to each tenant of each phase how its latency compares with being alone in the same way, and to each phase how much work is done
    at the same time of what one tenant at a time would do: in the same way, and natively."""
    own = alone(phases)
    for phase in phases:
        for name, of in phase["tenants"].items():
            base = own.get(name, {})
            of["median ratio"] = ratio(of["median"], base.get("median"))
            of["p99 ratio"] = ratio(of["p99"], base.get("p99"))
        for key, base in (("aggregate", own), ("aggregate of native", native_alone)):
            parts = [ratio(of["rate"], base.get(name, {}).get("rate")) for name, of in phase["tenants"].items()]
            phase[key] = total(parts)
    return phases


def eight(phases):
    """Requests of the slowest over those of the fastest."""
    counts = {name: of["requests"] for name, of in phases[0]["tenants"].items()}
    return {"requests": counts, "seconds": phases[0]["seconds"], "rate": sum(counts.values()) / phases[0]["seconds"],
            "slowest over fastest": ratio(min(counts.values()), max(counts.values()))}


def pair(phases, busy, weights):
    """What part of the device each got: by the time that the server says it had, and by the work that it did, of what it does alone."""
    own = alone(phases)
    both = next(phase["tenants"] for phase in phases if len(phase["tenants"]) > 1)
    work = {name: ratio(of["rate"], own.get(name, {}).get("rate")) for name, of in both.items()}

    def parts(of):
        known = [of.get(name) for name in weights]
        whole = 0 if None in known else sum(known)
        return {name: of[name] / whole for name in weights} if whole else None
    return {"asked for": parts(weights), "by time": parts(busy), "by work": parts(work), "work together": total(work.values())}


def faults(phases):
    """The victim's figures: alone, and beside each neighbour with its fault and without."""
    found = {"alone": None, "beside": {}}
    for phase in phases:
        (of,) = phase["tenants"].values()
        if phase["neighbour"] == "none":
            found["alone"] = of
        else:
            kind = found["beside"].setdefault(phase["neighbour"], {})
            kind["with" if phase["fault"] else "without"] = of | {"cycles": phase["cycles"], "seconds": phase["seconds"]}
    for kind in found["beside"].values():
        both = [kind.get(which, {}) for which in ("with", "without")]
        kind["p99 ratio"] = ratio(both[0].get("p99"), both[1].get("p99"))
        kind["median ratio"] = ratio(both[0].get("median"), both[1].get("median"))
    return found


def of_all(results, samples):
    """All figures, by experiment and way; a way that failed has none."""
    found = {}
    runs = results.get("timeline", {})
    native_alone = {}
    if "native" in runs and "failed" not in runs["native"]:
        native_alone = alone(of_run("timeline", "native", runs["native"], samples))
    for experiment in ("timeline", "eight", "pair", "faults"):
        for way, run in results.get(experiment, {}).items():
            phases = of_run(experiment, way, run, samples)
            if "failed" in run or not phases:
                continue
            found.setdefault(experiment, {})[way] = {
                "timeline": lambda: timeline(phases, native_alone),
                "eight": lambda: eight(phases),
                "pair": lambda: pair(phases, run["busy"], run["weights"]),
                "faults": lambda: faults(phases),
            }[experiment]()
    return found


def number(value, digits=2):
    return "–" if value is None else f"{value:.{digits}f}"


def per_cent(parts):
    return "–" if parts is None else " / ".join(f"{100 * part:.1f}" for part in parts.values())


def table(head, rows):
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "".join("| " + " | ".join(str(cell) for cell in line) + " |\n" for line in lines)


def name_of(phase):
    return "+".join(phase["tenants"])


def tables(results):
    """All figures as Markdown."""
    of = results["figures"]
    head = ", ".join(f"{key}: {value}" for key, value in results.get("machine", {}).items())
    parts = [f"# Sharing a GPU\n\n{head}\n"]
    if of.get("timeline"):
        parts.append(timeline_tables(results, of["timeline"]))
    if of.get("eight"):
        rows = [[TITLES[way], " ".join(str(count) for count in one["requests"].values()), number(one["seconds"], 1), number(one["rate"], 0),
                 number(one["slowest over fastest"], 3)] for way, one in of["eight"].items()]
        parts.append("## Eight equal tenants\n\n"
                     + table(["way", "requests of each", "in seconds", "a second, all", "slowest over fastest"], rows))
    if of.get("pair"):
        rows = [[TITLES[way], *(per_cent(one[key]) for key in ("asked for", "by time", "by work")), number(one["work together"])]
                for way, one in of["pair"].items()]
        parts.append("## Two that always have work\n\nPer cent of the device that each got: by the time that the server says it had, and "
                     "by the work done, of what it does alone.\n\n"
                     + table(["way", "asked for", "by time", "by work", "work together"], rows))
    parts += [faults_table(way, one) for way, one in of.get("faults", {}).items()]
    rows = [[TITLES[way], kind, number(one.get("seconds"), 3), one.get("attempts", ""),
             {True: "went on", False: "was ended"}.get(one.get("neighbour survived"), one.get("failed", ""))]
            for way, run in results.get("recovery", {}).items() for kind, one in run.get("faults", {}).items()]
    if rows:
        parts.append("## After a fault\n\nSeconds until a session that was begun after it has computed.\n\n"
                     + table(["way", "fault", "seconds", "attempts", "the one beside it"], rows))
    wrong = [f"* {name}, {way}: {run['failed']}\n" for name in ("timeline", "eight", "pair", "faults", "recovery")
             for way, run in results.get(name, {}).items() if "failed" in run]
    wrong += [f"* faults, {way}, {kind}: {why}\n" for way, run in results.get("faults", {}).items()
              for kind, why in run.get("troubles", {}).items()]
    if wrong:
        parts.append("## What failed\n\n" + "".join(wrong))
    return "\n".join(parts)


def timeline_tables(results, runs):
    latencies, rates = [], []
    for way, phases in runs.items():
        for phase in phases:
            cells = []
            for name in COLOURS:
                one = phase["tenants"].get(name)
                cells.append("" if one is None else f"{number(one['median'])} / {number(one['p99'])} "
                             f"({number(one['median ratio'])}, {number(one['p99 ratio'])})")
            latencies.append([TITLES[way], name_of(phase), *cells, number(phase["aggregate"]), number(phase["aggregate of native"])])
        for name in COLOURS:
            tenant = results["timeline"][way]["tenants"][name]
            of = [f"{name_of(phase)}: {phase['tenants'][name]['rate']:.0f}" for phase in phases if name in phase["tenants"]]
            rates.append([TITLES[way], name, tenant["model"], tenant.get("sms", ""), ", ".join(of), tenant["checked"],
                          tenant.get("digest", "")])
    return ("## Timeline\n\nMedian / 99th percentile of the latency, in milliseconds, and in brackets the median and the 99th percentile "
            "over those of the same tenant alone, in the same way and with the same share.\n\n"
            + table(["way", "who", *COLOURS, "work at once", "... of native"], latencies)
            + "\nWork at once: the sum of each tenant's requests a second over those that it has alone in the same way; one tenant at a "
            "time would be 1. Of native: over those that it has alone natively.\n\n"
            + table(["way", "tenant", "model", "multiprocessors", "requests a second", "results, all as the first", "digest"], rates))


def faults_table(way, of):
    base, rows = of["alone"] or {}, []
    for kind, both in of["beside"].items():
        cells = []
        for which in ("without", "with"):
            one = both.get(which)
            cells.append("–" if one is None else
                         f"{number(one['median'])} / {number(one['p99'])} ({one['cycles']} in {one['seconds']:.1f} s)")
        rows.append([kind, *cells, number(both["median ratio"]), number(both["p99 ratio"]),
                     number(ratio(both.get("with", {}).get("p99"), base.get("p99")))])
    return (f"## Beside a neighbour that goes wrong ({TITLES[way]})\n\nLatency of a tenant in milliseconds, median / 99th percentile; "
            f"alone: {number(base.get('median'))} / {number(base.get('p99'))}.\n\n"
            + table(["neighbour", "same work without the fault", "with it", "median ratio", "99% ratio", "99% over alone"], rows))


def brief(experiment, way, results, samples):
    """Lines to look at while the rest is measured."""
    of = of_all({experiment: {key: run for key, run in results[experiment].items() if key in (way, "native")}}, samples)
    of = of.get(experiment, {}).get(way)
    if of is None:
        return []
    if experiment == "timeline":
        lines = []
        for phase in of:
            said = [f"{name} {number(one['median'])} / {number(one['p99'])} ms ({number(one['median ratio'])})"
                    for name, one in phase["tenants"].items()]
            lines.append("  ".join([f"{name_of(phase):6}", *said, f"work {number(phase['aggregate'])}"]))
        return lines
    if experiment == "eight":
        return [f"slowest over fastest {number(of['slowest over fastest'], 3)}, {number(of['rate'], 0)} requests a second"]
    if experiment == "pair":
        return [f"asked for {per_cent(of['asked for'])}, by time {per_cent(of['by time'])}, by work {per_cent(of['by work'])}"]
    return [f"{kind}: 99% {number(both['p99 ratio'])} of that without the fault" for kind, both in of["beside"].items()]


def rolling(samples, width=0.1, step=0.02):
    """Times and the median of what began within half of `width` seconds of each; nothing where nothing did."""
    if not samples:
        return [], []
    starts = [at for at, _ in samples]
    times, medians = [], []
    for index in range(int((starts[-1] - starts[0]) / step) + 1):
        at = starts[0] + index * step
        near = samples[bisect.bisect_left(starts, at - width / 2):bisect.bisect_right(starts, at + width / 2)]
        times.append(at)
        medians.append(statistics.median(took for _, took in near) if near else math.nan)
    return times, medians


def plots(results, samples, folder):
    """Draws what there is; the names of the files."""
    import matplotlib
    matplotlib.use("svg")
    from matplotlib import pyplot
    # The same figures make the same file.
    matplotlib.rcParams.update({"svg.hashsalt": "sharing", "font.size": 8, "axes.spines.top": False, "axes.spines.right": False})
    runs, of = results.get("timeline", {}), results["figures"].get("timeline", {})
    if not of:
        return []
    drawn = []

    def save(figure, name):
        figure.savefig(f"{folder}/{name}", metadata={"Date": None}, dpi=150)
        pyplot.close(figure)
        drawn.append(name)

    shown = {(way, name): samples.get(f"timeline/{way}/{name}", []) for way in of for name in COLOURS}
    tails = [one["p99"] for phases in of.values() for phase in phases for one in phase["tenants"].values() if one["p99"]]
    ceiling = 1.3 * max(tails, default=1)
    figure, panels = pyplot.subplots(len(of), 1, figsize=(9, 1.6 * len(of) + 0.8), sharex=True, sharey=True, squeeze=False,
                                     layout="constrained")
    for (way, phases), (panel,) in zip(of.items(), panels):
        windows = runs[way]["phases"][:5]
        zero = windows[0]["begin"]
        for index, window in enumerate(windows):
            if index % 2:
                panel.axvspan(window["begin"] - zero, window["end"] - zero, color="#f0f0f0", zorder=0)
            panel.text((window["begin"] + window["end"]) / 2 - zero, ceiling, "+".join(window["tenants"]), ha="center", va="top")
        for name, colour in COLOURS.items():
            seen = [(at - zero, took) for at, took in shown[way, name] if zero <= at <= windows[-1]["end"]]
            panel.scatter(*(zip(*seen) if seen else ([], [])), s=1, color=colour, alpha=0.15, linewidths=0, rasterized=True)
            panel.plot(*rolling(seen), color=colour, linewidth=1, label=f"{name}, {runs[way]['tenants'][name]['model']}")
        panel.set_title(TITLES[way], loc="left")
        panel.set_ylabel("ms")
        panel.set_ylim(0, ceiling)
    panels[-1][0].set_xlabel("seconds")
    panels[0][0].legend(loc="upper right", ncols=3, frameon=False, bbox_to_anchor=(1, 1.35))
    save(figure, "sharing-timeline.svg")

    together = {way: next(phase for phase in phases if len(phase["tenants"]) == 3) for way, phases in of.items()}
    figure, panel = pyplot.subplots(figsize=(9, 3.2), layout="constrained")
    for place, (name, colour) in enumerate(COLOURS.items()):
        across = [index + (place - 1) * 0.27 for index in range(len(together))]
        ones = [phase["tenants"][name] for phase in together.values()]
        medians, tails = ([one[key] or 0 for one in ones] for key in ("median ratio", "p99 ratio"))
        bars = panel.bar(across, medians, 0.25, color=colour, label=f"{name}, median")
        panel.bar_label(bars, [number(one["median ratio"]) for one in ones], fontsize=6)
        panel.scatter(across, tails, marker="_", s=60, color="black", zorder=3, label="99th percentile" if place == 2 else None)
    panel.axhline(1, color="grey", linewidth=0.6)
    panel.set_xticks(range(len(together)), [TITLES[way].replace(", ", ",\n") for way in together])
    panel.set_ylabel("latency beside the two others\nover that alone, same way and share")
    panel.legend(frameon=False, ncols=4, loc="upper left", bbox_to_anchor=(0, 1.15))
    save(figure, "sharing-ratios.svg")
    return drawn


def check():
    """Figures of made-up samples that are known beforehand."""
    def same(found, expected):
        near = isinstance(expected, float) and found is not None and math.isclose(found, expected, rel_tol=1e-9)
        if not near and found != expected:
            raise AssertionError(f"{found} instead of {expected}")

    def every(begin, end, step, took):
        return [(begin + index * step, took) for index in range(round((end - begin) / step))]

    same(percentile(range(1, 101), 0.99), 99)
    same(percentile([5, 1, 3], 0.99), 5)
    same(percentile([5, 1, 3, 2], 0.5), 2)
    same(percentile([7], 0.99), 7)
    # One that began before, one that ends after, and two that touch the edges.
    same(within([(0.5, 1000.0), (1.0, 500.0), (1.5, 500.0), (1.9, 200.0)], 1.0, 2.0), [500.0, 500.0])
    same(of_phase([], 0, 1), {"requests": 0, "rate": 0.0, "median": None, "p99": None})
    same(of_phase([(0.25 * index, float(index)) for index in range(4)], 0, 2), {"requests": 4, "rate": 2.0, "median": 1.5, "p99": 3.0})
    # A alone at 2 ms, B and C at 4 ms; beside each other A takes 3, B 8 and C 4.
    names = [["A"], ["A", "B"], ["A", "B", "C"], ["A", "C"], ["C"], ["B"]]
    runs = {"phases": [{"tenants": who, "begin": float(index), "end": index + 1.0} for index, who in enumerate(names)]}
    samples = {
        "timeline/native/A": every(0, 1, 0.0025, 2.0) + every(1, 4, 0.005, 3.0),
        "timeline/native/B": every(1, 3, 0.01, 8.0) + every(5, 6, 0.005, 4.0),
        "timeline/native/C": every(2, 5, 0.005, 4.0)}
    samples |= {name.replace("native", "turns"): of for name, of in samples.items() if not name.endswith("C")}
    results = {"timeline": {"native": runs, "turns": runs, "mps": {"failed": "it was not there"}}}
    of = of_all(results, samples)["timeline"]
    same(list(of), ["native", "turns"])
    together = of["native"][2]["tenants"]
    same([together[name]["median ratio"] for name in "ABC"], [1.5, 2.0, 1.0])
    same([together[name]["p99 ratio"] for name in "ABC"], [1.5, 2.0, 1.0])
    same([round(together[name]["rate"]) for name in "ABC"], [200, 100, 200])
    same(of["native"][0]["aggregate"], 1.0)
    same(of["native"][2]["aggregate"], 0.5 + 0.5 + 1.0)
    same(of["native"][2]["aggregate of native"], 2.0)
    # Of whom nothing is known nothing is said.
    same(of["turns"][2]["tenants"]["C"]["median ratio"], None)
    same(of["turns"][2]["aggregate"], None)
    same(of["turns"][1]["aggregate"], 1.0)
    # Three of four requests.
    whole = {"phases": [{"tenants": ["t1", "t2"], "begin": 0.0, "end": 1.0}]}
    found = of_all({"eight": {"native": whole}}, {
        "eight/native/t1": every(0, 1, 0.25, 1.0), "eight/native/t2": every(0, 0.75, 0.25, 1.0)})
    same(found["eight"]["native"]["slowest over fastest"], 0.75)
    same(found["eight"]["native"]["rate"], 7.0)
    # Who is twice as fast alone has done half as much work with as many requests.
    names = [["light"], ["heavy"], ["light", "heavy"]]
    both = {"phases": [{"tenants": who, "begin": float(index), "end": index + 1.0} for index, who in enumerate(names)],
            "busy": {"heavy": 69, "somebody": 5, "light": 31}, "weights": {"light": 30, "heavy": 70}}
    found = of_all({"pair": {"turns": both}}, {
        "pair/turns/light": every(0, 1, 0.01, 1.0) + every(2, 3, 0.04, 1.0),
        "pair/turns/heavy": every(1, 2, 0.02, 1.0) + every(2, 3, 0.04, 1.0)})
    found = found["pair"]["turns"]
    same(found["asked for"], {"light": 0.3, "heavy": 0.7})
    same(found["by time"], {"light": 0.31, "heavy": 0.69})
    same(per_cent(found["by time"]), "31.0 / 69.0")
    same(found["by work"]["light"], 1 / 3)
    same(found["work together"], 0.75)
    same(pair(of_run("pair", "native", both, {}), {}, both["weights"])["by time"], None)
    beside = {"phases": [
        {"tenants": ["victim"], "begin": 0.0, "end": 1.0, "neighbour": "none", "fault": False},
        {"tenants": ["victim"], "begin": 1.0, "end": 2.0, "neighbour": "illegal access", "fault": False, "cycles": 2},
        {"tenants": ["victim"], "begin": 2.0, "end": 3.0, "neighbour": "illegal access", "fault": True, "cycles": 2}]}
    results = {"faults": {"isolated": beside}, "recovery": {"dense": {"faults": {"device assert": {
        "seconds": 1.5, "attempts": 2, "neighbour survived": False}}}}}
    samples = {"faults/isolated/victim": every(0, 1, 0.01, 2.0) + every(1, 2, 0.01, 4.0) + every(2, 3, 0.01, 5.0)}
    results["figures"] = of_all(results, samples)
    kind = results["figures"]["faults"]["isolated"]["beside"]["illegal access"]
    same((results["figures"]["faults"]["isolated"]["alone"]["p99"], kind["p99 ratio"], kind["with"]["cycles"]), (2.0, 1.25, 2))
    text = tables(results)
    for line in ("| illegal access | 4.00 / 4.00 (2 in 1.0 s) | 5.00 / 5.00 (2 in 1.0 s) | 1.25 | 1.25 | 2.50 |",
                 "| Pillion, dense | device assert | 1.500 | 2 | was ended |"):
        same(line in text, True)
    same(rolling([]), ([], []))
    same(rolling([(0.0, 1.0), (0.01, 3.0)], 0.1, 0.02), ([0.0], [2.0]))
