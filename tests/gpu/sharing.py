"""Runs on a machine with an NVIDIA GPU and PyTorch: what sharing the GPU costs those who share it, natively and through Pillion.

    sharing.py [--out DIR] [--only EXPERIMENTS] [--ways WAYS] [--phase SECONDS | --quick]
    sharing.py --redraw DIR     figures, tables and plots again, from what an earlier run has left
    sharing.py --check          the arithmetic of all this, on made-up samples, and a tenant; needs no GPU and no package
    sharing.py --trial          everything once, on the CPU device: no figures, but all programs

The experiments:

    timeline  A (ResNet-50) is alone, B (VGG-16) comes, C (DenseNet-121) comes, B leaves, A leaves; and B alone. Latency of each, and how
              it compares with that of who is alone in the same way and with the same share
    eight     eight equal tenants: requests of the slowest over those of the fastest
    pair      two that always have work, with the weights 30 and 70: what each gets of the device's time
    faults    a tenant beside a neighbour that goes wrong again and again, against one that does the same work and does not
    recovery  after such a fault: how long until a new session computes

The ways: `native` (time slices), `mps`, `mps-share` (CUDA_MPS_ACTIVE_THREAD_PERCENTAGE), and through Pillion `isolated`, `turns`,
`dense` and `dense-share`.

Tenants are processes (`tenant.py`) that are all started before anything is measured, and then told when to go and when to stop; those of
the next way import their libraries meanwhile, which touches no GPU. A way that fails is said to have failed, and the others go on. No
wait is without a bound, and nothing that was started is left. DIR gets `sharing.json`, `sharing.md`, the samples and the plots."""

import argparse
import contextlib
import gzip
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import sharing_figures as figures

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
EXPERIMENTS = {
    "timeline": ["native", "mps", "mps-share", "isolated", "turns", "dense", "dense-share"],
    "eight": ["native", "isolated", "turns", "dense"],
    "pair": ["turns"],
    "faults": ["isolated"],
    "recovery": ["isolated", "dense"],
}
SHARES = {"A": 40, "B": 30, "C": 30}
# Tenants beside each other in each phase; in the last one B is alone, whom the others leave no time for.
PHASES = [["A"], ["A", "B"], ["A", "B", "C"], ["A", "C"], ["C"], ["B"]]


class Trouble(Exception):
    """A way does not work; the sentence says why."""


class TimeIsUp(BaseException):
    """All of it has taken too long."""


def say(*words):
    print(f"[{time.monotonic() - BEGAN:6.1f}]", *words, flush=True)


BEGAN = time.monotonic()


class Child:
    """A process whose output is read with a bound on every wait, and which does not outlive this one's."""

    def __init__(self, lab, name, command, environment, folder):
        self.name, self.gathered = name, b""
        self.errors = os.path.join(folder, f"{name}.err")
        with open(self.errors, "wb") as errors:
            self.process = subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors,
                                            start_new_session=True)
        lab.children.append(self)

    def write(self, word):
        try:
            self.process.stdin.write(f"{word}\n".encode())
            self.process.stdin.flush()
        except OSError:
            raise self.trouble(f"does not hear `{word}`") from None

    def line(self, patience):
        """Its next line, none at its end."""
        until = time.monotonic() + patience
        while b"\n" not in self.gathered:
            left = until - time.monotonic()
            if left <= 0 or not select.select([self.process.stdout], [], [], left)[0]:
                raise self.trouble(f"says nothing for {patience:.0f} s")
            read = os.read(self.process.stdout.fileno(), 1 << 16)
            if not read:
                return None
            self.gathered += read
        line, self.gathered = self.gathered.split(b"\n", 1)
        return line.decode(errors="replace")

    def hear(self, word, patience):
        """What follows that word, which is what it has to say next, but for what libraries print."""
        until = time.monotonic() + patience
        while True:
            line = self.line(max(until - time.monotonic(), 0.001))
            if line is None:
                raise self.trouble(f"ended instead of saying `{word}`")
            if line.startswith("FAILED"):
                raise self.trouble(line)
            if line.split(" ")[0] == word:
                return line[len(word) + 1:]

    def trouble(self, what):
        with open(self.errors, errors="replace") as errors:
            said = errors.read()[-2000:]
        if self.process.poll() is not None:
            # Why a tenant failed is the last that it printed.
            with contextlib.suppress(OSError, ValueError):
                said += (self.gathered + os.read(self.process.stdout.fileno(), 1 << 16)).decode(errors="replace")
        last = " / ".join(said.strip().splitlines()[-4:])
        return Trouble(f"{self.name} {what}" + (f"; it said: {last[-600:]}" if last else ""))

    def close_input(self):
        with contextlib.suppress(OSError):
            self.process.stdin.close()

    def ended(self, patience):
        """Its status, or none if it is still there after so many seconds."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(patience)
        return self.process.returncode

    def kill(self):
        if self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(10)
        self.close_input()
        self.process.stdout.close()


class Lab:
    """What all experiments have in common."""

    def __init__(self, options):
        self.options = options
        self.children = []
        self.folder = tempfile.mkdtemp(prefix="sharing-")
        self.count = 0
        self.samples = {}
        os.makedirs(options.out, exist_ok=True)

    def new_folder(self):
        """Short, since sockets are in it."""
        self.count += 1
        folder = os.path.join(self.folder, str(self.count))
        os.mkdir(folder)
        return folder

    def environment(self, more):
        """What was said to this process of servers and of MPS does not count."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("PILLION_", "CUDA_MPS_"))}
        return environment | {"CUBLAS_WORKSPACE_CONFIG": ":4096:8"} | more

    def close(self):
        for child in reversed(self.children):
            child.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


def output_of(command, environment, patience=20, given=None):
    try:
        done = subprocess.run(command, env=environment, input=given, capture_output=True, text=True, timeout=patience)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Trouble(f"{os.path.basename(command[0])}: {error}") from None
    if done.returncode:
        raise Trouble(f"{os.path.basename(command[0])} ended with {done.returncode}: {done.stderr.strip()[-400:]}")
    return done.stdout


def keep(lab, log):
    """Appends the end of a log to that of all of them."""
    with contextlib.suppress(OSError), open(log, "rb") as one, open(f"{lab.options.out}/sharing.log", "ab") as all_logs:
        all_logs.write(one.read()[-20000:])


class Native:
    """Processes that have the GPU in time slices."""

    pillion = False

    def __init__(self, lab, name, shares):
        self.lab, self.folder, self.shares = lab, lab.new_folder(), shares
        self.prepare(name)

    def prepare(self, name):
        pass

    def open(self):
        pass

    def close(self):
        pass

    def start(self, tenant, argv):
        return Child(self.lab, tenant, self.command(argv), self.lab.environment(self.variables(tenant)), self.folder)

    def variables(self, _tenant):
        return {}

    def command(self, argv):
        return argv


class Mps(Native):
    """Under a control daemon of one's own, with a part of the multiprocessors or without."""

    def prepare(self, name):
        self.capped, self.daemon = name == "mps-share", None
        if not shutil.which("nvidia-cuda-mps-control"):
            raise Trouble("there is no nvidia-cuda-mps-control")
        self.places = {"CUDA_MPS_PIPE_DIRECTORY": f"{self.folder}/pipe", "CUDA_MPS_LOG_DIRECTORY": f"{self.folder}/log"}
        for place in self.places.values():
            os.mkdir(place)

    def variables(self, tenant):
        capped = {"CUDA_MPS_ACTIVE_THREAD_PERCENTAGE": str(self.shares[tenant])} if self.capped else {}
        return self.places | capped

    def control(self, order, patience=10):
        return output_of(["nvidia-cuda-mps-control"], self.lab.environment(self.places), patience, order + "\n")

    def open(self):
        self.daemon = Child(self.lab, "mps", ["nvidia-cuda-mps-control", "-f"], self.lab.environment(self.places), self.folder)
        until = time.monotonic() + 20
        while True:
            try:
                self.control("get_server_list")
                return
            except Trouble as trouble:
                if self.daemon.ended(0.2) is not None or time.monotonic() > until:
                    raise self.daemon.trouble(f"does not answer: {trouble}") from None

    def close(self):
        if self.daemon is None:
            return
        servers = []
        with contextlib.suppress(Trouble):
            servers = [int(word) for word in self.control("get_server_list").split() if word.isdigit()]
        with contextlib.suppress(Trouble):
            self.control("quit", 15)
        self.daemon.ended(5)
        self.daemon.kill()
        for place in (f"{self.folder}/log/control.log", f"{self.folder}/log/server.log"):
            keep(self.lab, place)
        # Its own, which may have a session of their own.
        for server in servers:
            with contextlib.suppress(OSError), open(f"/proc/{server}/comm") as comm:
                if comm.read().startswith("nvidia-cuda-mps"):
                    os.kill(server, signal.SIGKILL)


class Pillion(Native):
    """Through a server, with settings of this way's."""

    pillion = True

    def prepare(self, name):
        program = self.lab.options.pillion
        if not program:
            raise Trouble("there is no pillion: set PILLION to the program")
        self.program, self.server = program, None
        self.unix, self.shm = f"unix://{self.folder}/s", f"shm://{self.folder}/m"
        self.uri = self.unix if self.lab.options.via == "unix" else self.shm
        tokens = f"{self.folder}/tokens.toml"
        self.tokens = {}
        dense = name.startswith("dense")
        tables = []
        for tenant, share in self.shares.items():
            made = output_of([program, "token", "create", tenant, "--file", tokens], self.lab.environment({}))
            self.tokens[tenant] = made.strip()
            table = [f"name = '{tenant}'"]
            if dense:
                table.append("mode = 'dense'")
            if name == "dense-share":
                table.append(f"share = {share}")
            if name == "turns":
                table.append(f"weight = {share}")
            if tenant in self.quotas:
                table.append(f"memory = '{self.quotas[tenant]}'")
            tables.append("\n".join(["[[identity]]", *table]))
        if name == "turns":
            tables.append("[sharing]\nturns = true")
        with open(f"{self.folder}/pillion.toml", "w") as settings:
            settings.write(f"cache = 'off'\nwarm = 2\ntoken-file = '{tokens}'\n"
                           f"[[endpoint]]\nlisten = '{self.unix}'\n[[endpoint]]\nlisten = '{self.shm}'\n" + "\n".join(tables) + "\n")

    # What a session may hold of the device's memory, by tenant.
    quotas = {"faulty": "2G"}

    def open(self):
        command = [self.program, "serve", "--device", self.lab.options.device, "--config", f"{self.folder}/pillion.toml"]
        self.server = Child(self.lab, "server", command, self.lab.environment({}), self.folder)
        for _ in range(2):
            self.server.hear("listening", 60)

    def variables(self, tenant):
        return {"PILLION_TOKEN": self.tokens[tenant]}

    def command(self, argv):
        return [self.program, "run", "--server", self.uri, "--", *argv]

    def status(self):
        return json.loads(output_of([self.program, "status", "--json", "--server", self.unix], self.lab.environment({})))

    def settle(self):
        """Waits until no worker starts any more, which would be work for the device."""
        until = time.monotonic() + 30
        while True:
            workers = self.status()["workers"]
            if workers["starting"] + workers["stopping"] == 0 or time.monotonic() > until:
                return
            time.sleep(0.1)

    def sessions(self, tenant):
        return [session for session in self.status()["sessions"] if session["identity"] == tenant]

    def is_gone(self, tenant, patience):
        """Waits until the tenant has no session any more; whether that is so."""
        until = time.monotonic() + patience
        while self.sessions(tenant):
            if time.monotonic() > until:
                return False
            time.sleep(0.05)
        return True

    def close(self):
        if self.server is None:
            return
        for _ in range(2):
            if self.server.process.returncode is None:
                os.kill(self.server.process.pid, signal.SIGTERM)
            self.server.ended(5)
        self.server.kill()
        keep(self.lab, self.server.errors)


def way_of(lab, name, shares):
    kind = {"native": Native, "mps": Mps, "mps-share": Mps}.get(name, Pillion)
    return kind(lab, name, shares)


class Tenant:
    """A process of tenant.py."""

    def __init__(self, lab, way, name, argv):
        self.name, self.going = name, False
        self.patience = lab.options.patience
        self.file = os.path.join(way.folder, f"{name}.samples")
        if lab.options.trial:
            # So many that those who always have work have it here too.
            argv = ["driver" if way.pillion else "fake", *argv[1:]] + (["--replays", "40"] if "--ahead" in argv else [])
        self.model, self.pillion = argv[0], way.pillion
        python = lab.options.python
        self.child = way.start(name, [python, os.path.join(HERE, "tenant.py"), *argv, "--samples", self.file])
        self.says, self.checked = {}, None

    def imported(self):
        self.child.hear("imported", self.patience)

    def load(self):
        self.child.write("load")

    def ready(self):
        self.says = json.loads(self.child.hear("ready", self.patience))
        # Who came to the GPU by another way than it is said to would be measured under a wrong name.
        drivers = self.says.pop("drivers")
        others = [file for file in drivers if (os.path.basename(os.path.dirname(file)) == "pillion") != self.pillion]
        if others or (self.pillion and not drivers):
            raise self.child.trouble(f"has {drivers} for its driver")

    def order(self, going):
        if going != self.going:
            self.child.write("go" if going else "stop")

    def obeyed(self, going):
        if going != self.going:
            self.child.hear("going" if going else "stopped", 60)
            self.going = going

    def end(self):
        """Its last word is that every result was what it was the first time."""
        self.child.close_input()
        self.checked = int(self.child.hear("PASS", 60))

    def samples(self):
        with open(self.file) as lines:
            return [tuple(float(word) for word in line.split()) for line in lines]


def only_these(tenants, names):
    """Has those go, and the others stop."""
    for going in (False, True):
        chosen = [tenant for tenant in tenants if (tenant.name in names) == going]
        for tenant in chosen:
            tenant.order(going)
        for tenant in chosen:
            tenant.obeyed(going)


class Step:
    """An experiment in one way: tenants are started, loaded, measured, ended."""

    def __init__(self, lab, experiment, way):
        self.lab, self.experiment, self.name = lab, experiment, way
        self.tenants, self.way, self.failed = [], None, None
        self.result = {}

    def start(self):
        eight = [f"t{number}" for number in range(1, 9)]
        shares, tenants = {
            "timeline": (SHARES, {"A": ["resnet50"], "B": ["vgg16"], "C": ["densenet121"]}),
            "eight": (dict.fromkeys(eight, 100), {name: ["resnet50", "--batch", "1"] for name in eight}),
            "pair": ({"light": 30, "heavy": 70}, {name: ["matmul", "--ahead", "2", "--replays", "2"] for name in ("light", "heavy")}),
            "faults": ({"victim": 100, "faulty": 100}, {"victim": ["resnet50"]}),
            "recovery": ({"neighbour": 30, "faulty": 30, "next": 30}, {}),
        }[self.experiment]
        # Weights are what the pair is about; shares are asked for by those ways alone that are named after them.
        if self.name == "turns" and self.experiment != "pair":
            shares = dict.fromkeys(shares, 100)
        self.way = way_of(self.lab, self.name, shares)
        self.tenants = [Tenant(self.lab, self.way, name, argv) for name, argv in tenants.items()]

    def imported(self):
        for tenant in self.tenants:
            tenant.imported()

    def load(self):
        self.way.open()
        for tenant in self.tenants:
            tenant.load()
        for tenant in self.tenants:
            tenant.ready()
        if self.way.pillion:
            self.way.settle()

    def phase(self, names, seconds):
        """Only those go, for so long; the window in which nothing but that was so."""
        only_these(self.tenants, names)
        time.sleep(min(0.3, seconds / 8))
        begin = time.monotonic()
        time.sleep(seconds)
        for tenant in self.tenants:
            if tenant.child.process.poll() is not None:
                raise tenant.child.trouble("ended while it was measured")
        return {"tenants": names, "begin": begin, "end": time.monotonic()}

    def measure(self):
        getattr(self, f"measure_{self.experiment}")(self.lab.options.phase)

    def measure_timeline(self, seconds):
        self.result["phases"] = [self.phase(names, seconds if names != ["B"] else seconds / 2) for names in PHASES]

    def measure_eight(self, seconds):
        names = [tenant.name for tenant in self.tenants]
        self.result["phases"] = [self.phase(names, 1.5 * seconds)]

    def measure_pair(self, seconds):
        alone = [self.phase([name], seconds / 2) for name in ("light", "heavy")]
        only_these(self.tenants, ["light", "heavy"])
        # Until each has had some turns.
        time.sleep(seconds / 4)
        before = self.used()
        both = self.phase(["light", "heavy"], 1.5 * seconds)
        after = self.used()
        self.result["phases"] = [*alone, both]
        self.result["busy"] = {name: after[name] - before[name] for name in after}
        self.result["weights"] = self.way.shares

    def used(self):
        """What the server says that each has had of the device, in nanoseconds."""
        if not self.way.pillion:
            return {}
        return {tenant["identity"]: tenant["used"]["busy"] for tenant in self.way.status()["tenants"]}

    def measure_faults(self, seconds):
        faults = Faults(self.lab, self.way)
        victim = [tenant.name for tenant in self.tenants]
        self.result["phases"] = [self.phase(victim, seconds) | {"neighbour": "none", "fault": False}]
        self.result["troubles"] = {}
        for kind in faults.KINDS:
            for fault in (False, True):
                begin, cycles = time.monotonic(), 0
                try:
                    while time.monotonic() < begin + seconds:
                        faults.cycle(kind, fault)
                        cycles += 1
                except Trouble as trouble:
                    say(f"  {kind}: {trouble}")
                    self.result["troubles"][kind] = str(trouble)
                if self.tenants[0].child.process.poll() is not None:
                    raise self.tenants[0].child.trouble(f"ended beside {kind}")
                phase = {"tenants": victim, "begin": begin, "end": time.monotonic(), "neighbour": kind, "fault": fault, "cycles": cycles}
                self.result["phases"].append(phase)
                say(f"  {kind}{'' if fault else ', but without the fault'}: {cycles} in {phase['end'] - begin:.1f} s")

    def measure_recovery(self, _seconds):
        faults = Faults(self.lab, self.way)
        # What it takes anyhow, once everything has been used.
        faults.begins()
        self.result["faults"] = {"none": faults.begins()}
        for kind in faults.KINDS:
            try:
                self.result["faults"][kind] = faults.recovery(kind)
                say(f"  {kind}: {self.result['faults'][kind]}")
            except Trouble as trouble:
                say(f"  {kind}: {trouble}")
                self.result["faults"][kind] = {"failed": str(trouble)}

    def finish(self):
        only_these(self.tenants, [])
        for tenant in self.tenants:
            tenant.end()

    def close(self):
        for tenant in self.tenants:
            tenant.child.kill()
        if self.way:
            with contextlib.suppress(OSError):
                self.way.close()
        self.result["tenants"] = {
            tenant.name: {"model": tenant.model, "checked": tenant.checked} | tenant.says for tenant in self.tenants}
        for tenant in self.tenants:
            with contextlib.suppress(OSError, ValueError):
                self.lab.samples[f"{self.experiment}/{self.name}/{tenant.name}"] = tenant.samples()
        if self.failed:
            self.result["failed"] = self.failed


class Faults:
    """Programs of tests/driver that go wrong, and the same without that."""

    # Each with a fault and without: the program, when something is done to it, and what.
    KINDS = {
        "illegal access": ((["illegal"], None, None), (["legal"], None, None)),
        "device assert": ((["assert"], None, None), (["legal"], None, None)),
        "endless kernel": ((["endless"], 2.0, "kill"), (["long", "2"], None, None)),
        "worker killed": ((["unread"], 1.0, "kill the worker"), (["unread"], 1.0, "end")),
        "out of memory": ((["memory"], None, None), (["some"], None, None)),
        "client that stops reading": ((["unread"], 0.5, "stop"), (["unread"], 2.0, "end")),
    }
    # Seconds from the beginning of one program to that of the next, at least: as many with a fault as without.
    PACE = 0.5
    # A session that cannot go is ended by its worker's last resort after 20 seconds.
    BOUND = 60

    def __init__(self, lab, way):
        self.lab, self.way, self.count = lab, way, 0
        for name in ("faults", "crowd"):
            built = subprocess.run(["cc", "-O1", "-w", "-o", f"{way.folder}/{name}", f"{ROOT}/tests/driver/{name}.c", "-ldl"],
                                   capture_output=True, text=True)
            if built.returncode:
                raise Trouble(f"cc does not build {name}.c: {built.stderr[-400:]}")
        # Up to the quota, and not beyond it.
        taken = self.start("faulty", ["memory"])
        self.some = str(max(int(taken.hear("taken", self.BOUND)) - 16, 1))
        self.ends(taken)

    def start(self, tenant, argv, program="faults"):
        if argv == ["some"]:
            argv = ["some", self.some]
        self.count += 1
        child = self.way.start(tenant, [f"{self.way.folder}/{program}", *argv])
        child.name = f"{program} {' '.join(argv)}"
        return child

    def ends(self, child):
        """It ends, as it should; killed if it does not."""
        lines = []
        try:
            while (line := child.line(self.BOUND)) is not None:
                lines.append(line)
            if child.ended(self.BOUND) != 0 or "PASS" not in lines:
                raise child.trouble(f"ended with {child.process.returncode}, saying {lines}")
        finally:
            self.drop(child)

    def drop(self, child):
        child.kill()
        self.lab.children.remove(child)

    def goes_wrong(self, kind, fault):
        """Runs it until what goes wrong has gone wrong; the program, if that is still there, and when that was."""
        argv, after, what = self.KINDS[kind][0 if fault else 1]
        child = self.start("faulty", argv)
        if after is None:
            return child, None
        child.hear("going", self.BOUND)
        time.sleep(after)
        at = time.monotonic()
        if what == "end":
            child.close_input()
            return child, None
        if what == "kill":
            os.kill(child.process.pid, signal.SIGKILL)
        elif what == "stop":
            os.kill(child.process.pid, signal.SIGSTOP)
        else:
            sessions = self.way.sessions("faulty")
            if not sessions:
                raise child.trouble("has no session")
            at = time.monotonic()
            os.kill(sessions[0]["worker_pid"], signal.SIGKILL)
        return child, at

    def cycle(self, kind, fault):
        """One program, from its beginning until nothing is left of its session."""
        begun = time.monotonic()
        child, at = self.goes_wrong(kind, fault)
        if at is None:
            self.ends(child)
        else:
            if self.KINDS[kind][0][2] == "stop":
                time.sleep(1.5)
            self.drop(child)
        if not self.way.is_gone("faulty", self.BOUND):
            raise Trouble(f"the session is still there after {self.BOUND} s")
        time.sleep(max(begun + self.PACE - time.monotonic(), 0))

    def begins(self):
        """Seconds that it takes until a new session has computed, how many had to be begun, and why the last that did not could not."""
        begun, attempts, why = time.monotonic(), 0, None
        while True:
            attempts += 1
            try:
                self.ends(self.start("next", ["legal"]))
                return {"seconds": time.monotonic() - begun, "attempts": attempts, "refused with": why}
            except Trouble as trouble:
                why = str(trouble)
                if time.monotonic() > begun + self.BOUND:
                    raise Trouble(f"no new session computes within {self.BOUND} s: {why}") from None

    def recovery(self, kind):
        """Seconds from the fault until a session that was begun after it has computed, and what became of one beside it."""
        beside = self.start("neighbour", ["7"], "crowd")
        child = None
        try:
            beside.hear("ready", self.BOUND)
            beside.write("1")
            beside.line(self.BOUND)
            child, at = self.goes_wrong(kind, True)
            if at is None:
                # What its calls answer depends on whose fault it is said to be: here its end counts.
                while child.line(self.BOUND) is not None:
                    at = time.monotonic()
                at = at or time.monotonic()
            begins = self.begins()
            begins["seconds"] = time.monotonic() - at
            survived = False
            with contextlib.suppress(Trouble):
                beside.write("1")
                words = (beside.line(self.BOUND) or "").split()
                survived = len(words) == 1 and words[0].isdigit()
            return begins | {"neighbour survived": survived}
        finally:
            for one in filter(None, (child, beside)):
                self.drop(one)
            for tenant in ("faulty", "neighbour", "next"):
                if not self.way.is_gone(tenant, self.BOUND):
                    say(f"  a session of {tenant} is still there")


def check():
    """The arithmetic, and that a tenant does what it is told."""
    figures.check()
    with tempfile.TemporaryDirectory() as out:
        lab = Lab(argparse.Namespace(out=out, trial=True, patience=120, python=sys.executable))
        try:
            tenant = Tenant(lab, Native(lab, "native", {}), "fake", ["fake"])
            tenant.imported()
            tenant.load()
            tenant.ready()
            phases = []
            while len(phases) < 2 or len(tenant.samples()) < 10:
                begin = time.monotonic()
                only_these([tenant], ["fake"])
                time.sleep(0.01)
                only_these([tenant], [])
                phases.append((begin, time.monotonic()))
            tenant.end()
            samples = tenant.samples()
            # All requests are there, one after the other, each while it was told to go and as long as it takes at least.
            assert len(samples) == tenant.checked, f"{len(samples)} samples of {tenant.checked} requests"
            assert all(took >= 2 and at + took / 1000 <= after + 2e-6 for (at, took), (after, _) in zip(samples, samples[1:])), samples
            assert all(any(begin - 1e-6 <= at and at + took / 1000 <= end for begin, end in phases) for at, took in samples), samples
            other = Tenant(lab, Native(lab, "native", {}), "other", ["fake"])
            other.imported()
            other.child.write("dance")
            try:
                other.ready()
            except Trouble as trouble:
                assert "dance" in str(trouble), trouble
            else:
                raise AssertionError("a tenant does what there is no word for")
        finally:
            lab.close()


def machine(options):
    """What it was measured on."""
    found = {"date": time.strftime("%Y-%m-%d"), "cores": len(os.sched_getaffinity(0)), "phase": options.phase, "via": options.via}
    with contextlib.suppress(Trouble):
        query = ["nvidia-smi", "--query-gpu=name,driver_version,memory.total", "--format=csv,noheader"]
        found["gpu"] = output_of(query, dict(os.environ)).strip()
    with contextlib.suppress(Trouble):
        found["pillion"] = output_of([options.pillion or "pillion", "--version"], dict(os.environ)).strip()
    return found


def write(options, results, samples):
    """Everything so far; an earlier state is replaced at once."""
    place = f"{options.out}/sharing.json"
    with open(place + ".new", "w") as file:
        json.dump(results, file, indent=1)
    os.replace(place + ".new", place)
    with gzip.open(f"{options.out}/samples.json.gz", "wt", compresslevel=1) as file:
        file.write(json.dumps({name: [[round(at, 5), round(took, 4)] for at, took in of] for name, of in samples.items()}))


def report(options, results, samples):
    results["figures"] = figures.of_all(results, samples)
    write(options, results, samples)
    text = figures.tables(results)
    with open(f"{options.out}/sharing.md", "w") as file:
        file.write(text)
    try:
        drawn = figures.plots(results, samples, options.out)
        say("drawn:", ", ".join(drawn) or "nothing")
    except ImportError as error:
        say(f"no plots: {error}; `sharing.py --redraw {options.out}` makes them where matplotlib is")
    return text


# Why there is nothing of a step.
OVER = "there was no time left for it"


def perform(lab, results, steps):
    """All steps; while one is measured, what the next one needs is there already."""
    options = lab.options

    def attempt(step, *stages):
        if step is None or step.failed:
            return
        try:
            for stage in stages:
                getattr(step, stage)()
        except (Trouble, OSError, KeyError, ValueError) as error:
            step.failed = str(error) if isinstance(error, Trouble) else f"{type(error).__name__}: {error}"
            say(f"{step.experiment}, {step.name}, FAILED: {step.failed}")

    if steps:
        attempt(steps[0], "start", "imported")
    for step, following in zip(steps, [*steps[1:], None]):
        attempt(following, "start")
        try:
            attempt(step, "load")
            attempt(following, "imported")
            if not step.failed:
                say(f"{step.experiment}, {step.name}: all are ready")
            attempt(step, "measure", "finish")
        except TimeIsUp:
            step.failed = OVER
            raise
        finally:
            step.close()
            results.setdefault(step.experiment, {})[step.name] = step.result
        write(options, results, lab.samples)
        if not step.failed:
            for line in figures.brief(step.experiment, step.name, results, lab.samples):
                say(f"  {line}")


def arguments():
    parser = argparse.ArgumentParser(description="What sharing a GPU costs, natively and through Pillion.")
    parser.add_argument("--out", default=os.environ.get("OUT", f"{ROOT}/target/gpu-results"), help="the folder for results ($OUT)")
    parser.add_argument("--only", help=f"experiments, separated by commas: {', '.join(EXPERIMENTS)}")
    parser.add_argument("--ways", help=f"ways, separated by commas: {', '.join(EXPERIMENTS['timeline'])}")
    parser.add_argument("--phase", type=float, default=3.0, help="seconds that a phase lasts")
    parser.add_argument("--quick", action="store_true", help="phases of 1 second")
    parser.add_argument("--limit", type=float, default=570, help="seconds after which what there is is written")
    parser.add_argument("--via", choices=["shm", "unix"], default="shm", help="the transport of Pillion's clients")
    parser.add_argument("--device", default="nvidia", help="the server's")
    parser.add_argument("--patience", type=float, default=120, help="seconds that a tenant may take to load")
    parser.add_argument("--trial", action="store_true", help="tenants that need no GPU, on the CPU device")
    parser.add_argument("--check", action="store_true", help="check the arithmetic and a tenant, and end")
    parser.add_argument("--redraw", metavar="DIR", help="make tables and plots of an earlier run's results")
    options = parser.parse_args()
    options.python = os.environ.get("PYTHON", sys.executable)
    places = [f"{ROOT}/{place}/pillion" for place in ("gpu-bundle/bin", "target/dist/bin", "bin")]
    options.pillion = os.environ.get("PILLION") or next((place for place in places if os.access(place, os.X_OK)), None)
    if options.quick:
        options.phase = 1.0
    if options.trial:
        options.device = "cpu"
    chosen = {}
    for what, known in (("only", EXPERIMENTS), ("ways", EXPERIMENTS["timeline"])):
        given = getattr(options, what)
        chosen[what] = list(known) if given is None else given.split(",")
        for word in chosen[what]:
            if word not in known:
                parser.error(f"there is no `{word}`; there are {', '.join(known)}")
    options.steps = [(name, way) for name, ways in EXPERIMENTS.items() if name in chosen["only"]
                     for way in (ways if options.ways is None else chosen["ways"])
                     if way in ways or (name == "pair" and options.ways is not None)
                     or (name in ("faults", "recovery") and way not in ("native", "mps", "mps-share"))]
    return options


def main():
    options = arguments()
    if options.check:
        check()
        print("all figures are right")
        return 0
    if options.redraw:
        options.out = options.redraw
        with open(f"{options.out}/sharing.json") as file:
            results = json.load(file)
        with gzip.open(f"{options.out}/samples.json.gz", "rt") as file:
            samples = {name: [tuple(pair) for pair in of] for name, of in json.load(file).items()}
        print(report(options, results, samples))
        return 0

    ending = (signal.SIGALRM, signal.SIGTERM, signal.SIGINT)

    def over(number, _frame):
        # Once: what ends the processes is not to be interrupted.
        for other in ending:
            signal.signal(other, signal.SIG_IGN)
        raise TimeIsUp(signal.Signals(number).name)
    for number in ending:
        signal.signal(number, over)
    signal.setitimer(signal.ITIMER_REAL, options.limit)
    lab = Lab(options)
    results = {"machine": machine(options)}
    try:
        perform(lab, results, [Step(lab, *step) for step in options.steps])
    except TimeIsUp as up:
        say(f"{up}: what is not measured by now is not")
        for experiment, way in options.steps:
            results.setdefault(experiment, {}).setdefault(way, {"failed": OVER})
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        lab.close()
    print(report(options, results, lab.samples))
    failed = [f"{name}, {way}" for name in EXPERIMENTS for way, run in results.get(name, {}).items() if "failed" in run]
    say("FAILED: " + "; ".join(failed) if failed else "nothing failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
