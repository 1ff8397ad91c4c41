"""One of several that share a GPU: answers one request after the other, and says how long each took. `sharing.py` runs these.

    tenant.py MODEL [--batch 8] [--eager] [--samples FILE] [--seconds N]

A request copies a random input to the device, runs the model, and copies the result back; the next begins when that is there. The
models are resnet50, vgg16 and densenet121 of torchvision (half precision, channels last, weights from a fixed seed) and `matmul`, products
of large matrices, all of them CUDA graphs as servers of models have them, unless --eager says otherwise. `driver` is a kernel that is
called by the driver's names and needs nothing but libcuda.so.1, so that it runs on the CPU device too; `fake` needs no device at all.

Every result is compared, to the last bit, with the first one of the same input.

Standard input directs it, a word on a line: `load` (before that no device is touched, but what takes long to import is), `go`, `stop`.
It ends when its input does. Standard output has `imported`, `ready` with what there is to say about the model, `going`, `stopped` and how
many requests there have been, and `PASS` or `FAILED`. With --seconds it goes by itself, for so long.

FILE gets a line for each request: when it began, in seconds of CLOCK_MONOTONIC, which all processes of a machine share, and how many
milliseconds it took."""

import argparse
import collections
import ctypes
import hashlib
import json
import os
import random
import select
import struct
import sys
import time

# Inputs that take turns, so that no result is that of the request before.
INPUTS = 4


class Wrong(Exception):
    """What came back is not what should."""


class Torch:
    """A model of PyTorch's, in a CUDA graph. One slot is one request that is under way."""

    def __init__(self, options):
        self.options = options
        import torch
        if options.model != "matmul":
            import torchvision
            self.zoo = torchvision.models
        self.torch = torch

    def load(self):
        torch, options = self.torch, self.options
        # Threads that wait for more to compute would take processors from the others.
        torch.set_num_threads(1)
        torch.backends.cudnn.benchmark = False
        torch.backends.cudnn.deterministic = True
        torch.set_grad_enabled(False)
        torch.manual_seed(1)
        self.forward, shape = self.products() if options.model == "matmul" else self.network()
        layout = torch.channels_last if len(shape) == 4 else torch.contiguous_format
        generator = torch.Generator().manual_seed(2)
        self.inputs = []
        for _ in range(INPUTS):
            pinned = torch.empty(shape, dtype=torch.half, memory_format=layout, pin_memory=True)
            self.inputs.append(pinned.copy_(torch.randn(shape, generator=generator)))
        self.input = torch.empty(shape, dtype=torch.half, device="cuda", memory_format=layout)
        self.input.copy_(self.inputs[0])
        if options.eager:
            self.run = self.launch
        else:
            self.run = self.capture()
        self.run()
        self.results = [torch.empty(self.output.shape, dtype=torch.half, pin_memory=True) for _ in range(options.ahead)]
        self.events = [torch.cuda.Event() for _ in range(options.ahead)]
        self.first = []
        for index in range(INPUTS):
            self.issue(0, index)
            self.wait(0)
            self.first.append(self.results[0].clone())
        if any(not torch.isfinite(first).all() for first in self.first) or torch.equal(self.first[0], self.first[1]):
            raise Wrong("the results of this model say nothing: they are not finite, or the same whatever comes in")
        device = torch.cuda.get_device_properties(0)
        digest = hashlib.sha256(b"".join(first.numpy().tobytes() for first in self.first)).hexdigest()[:16]
        return {"device": device.name, "sms": device.multi_processor_count, "torch": torch.__version__, "digest": digest}

    def network(self):
        torch, options = self.torch, self.options
        with torch.device("cuda"):
            network = getattr(self.zoo, options.model)(weights=None)
        network = network.half().to(memory_format=torch.channels_last)
        # Random weights have no statistics: those of one random batch keep what passes within the bounds of half precision.
        for module in network.modules():
            if isinstance(module, torch.nn.BatchNorm2d):
                module.momentum = 1.0
        batch = torch.randn(8, 3, 224, 224, device="cuda", dtype=torch.half)
        network.train()(batch.to(memory_format=torch.channels_last))
        return network.eval(), (options.batch, 3, 224, 224)

    def products(self):
        torch, size, count = self.torch, self.options.size, self.options.products
        weights = (torch.randn(size, size, device="cuda") * size**-0.25).half()
        product = torch.empty_like(weights)

        def forward(given):
            for _ in range(count):
                torch.mm(weights, weights, out=product)
            return torch.mm(given, product)
        return forward, (64, size)

    def launch(self):
        self.output = self.forward(self.input)

    def capture(self):
        torch = self.torch
        beside = torch.cuda.Stream()
        beside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(beside):
            for _ in range(3):
                self.launch()
        torch.cuda.current_stream().wait_stream(beside)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            self.launch()
        return graph.replay

    def issue(self, slot, index):
        self.input.copy_(self.inputs[index], non_blocking=True)
        for _ in range(self.options.replays):
            self.run()
        self.results[slot].copy_(self.output, non_blocking=True)
        if self.options.ahead > 1:
            self.events[slot].record()

    def wait(self, slot):
        if self.options.ahead > 1:
            self.events[slot].synchronize()
        else:
            self.torch.cuda.synchronize()

    def check(self, slot, index):
        bits = self.torch.int16
        if not self.torch.equal(self.results[slot].view(bits), self.first[index].view(bits)):
            raise Wrong(f"the result of input {index} is another than the first time")


class Driver:
    """A kernel that takes some time over a few words."""

    WORDS = 256
    PTX = b"""
        .version 7.0
        .target sm_70
        .address_size 64
        .visible .entry later(.param .u64 words, .param .u32 turns) {
        .reg .u64 %a, %o; .reg .u32 %t, %b, %n, %x; .reg .pred %p;
        ld.param.u64 %a, [words]; ld.param.u32 %n, [turns];
        mov.u32 %t, %tid.x; mov.u32 %b, %ctaid.x; mad.lo.u32 %t, %b, 64, %t;
        mul.wide.u32 %o, %t, 4; add.u64 %a, %a, %o; ld.global.u32 %x, [%a];
        again: mad.lo.u32 %x, %x, 1664525, 1013904223; sub.u32 %n, %n, 1;
        setp.ne.u32 %p, %n, 0; @%p bra again;
        st.global.u32 [%a], %x; ret; }
    """

    def __init__(self, options):
        self.options = options

    def call(self, name, *arguments):
        status = getattr(self.library, name)(*arguments)
        if status:
            raise Wrong(f"{name}: {status}")

    def load(self):
        self.library = ctypes.CDLL("libcuda.so.1")
        device, context, module = ctypes.c_int(), ctypes.c_void_p(), ctypes.c_void_p()
        self.kernel, self.turns = ctypes.c_void_p(), ctypes.c_uint32(self.options.size)
        self.call("cuInit", 0)
        self.call("cuDeviceGet", ctypes.byref(device), 0)
        name, sms = ctypes.create_string_buffer(100), ctypes.c_int()
        self.call("cuDeviceGetName", name, len(name), device)
        self.call("cuDeviceGetAttribute", ctypes.byref(sms), 16, device)
        self.call("cuDevicePrimaryCtxRetain", ctypes.byref(context), device)
        self.call("cuCtxSetCurrent", context)
        self.call("cuModuleLoadData", ctypes.byref(module), self.PTX)
        self.call("cuModuleGetFunction", ctypes.byref(self.kernel), module, b"later")
        self.slots = []
        for _ in range(self.options.ahead):
            memory, stream = ctypes.c_uint64(), ctypes.c_void_p()
            self.call("cuMemAlloc_v2", ctypes.byref(memory), ctypes.c_size_t(4 * self.WORDS))
            self.call("cuStreamCreate", ctypes.byref(stream), 1)
            self.slots.append((memory, stream, (ctypes.c_uint32 * self.WORDS)()))
        words = random.Random(2)
        self.inputs = [(ctypes.c_uint32 * self.WORDS)(*(words.getrandbits(32) for _ in range(self.WORDS))) for _ in range(INPUTS)]
        # What all turns of the kernel together make of a word.
        factor, sum = 1, 0
        for _ in range(self.options.size):
            factor, sum = factor * 1664525 % 2**32, (sum * 1664525 + 1013904223) % 2**32
        self.first = [bytes(struct.pack(f"{self.WORDS}I", *((word * factor + sum) % 2**32 for word in words))) for words in self.inputs]
        for index in range(INPUTS):
            self.issue(0, index)
            self.wait(0)
            self.check(0, index)
        return {"device": name.value.decode(), "sms": sms.value, "digest": hashlib.sha256(b"".join(self.first)).hexdigest()[:16]}

    def issue(self, slot, index):
        memory, stream, result = self.slots[slot]
        length = ctypes.c_size_t(4 * self.WORDS)
        parameters = (ctypes.c_void_p * 2)(ctypes.addressof(memory), ctypes.addressof(self.turns))
        for _ in range(self.options.replays):
            self.call("cuMemcpyHtoDAsync_v2", memory, self.inputs[index], length, stream)
            self.call("cuLaunchKernel", self.kernel, self.WORDS // 64, 1, 1, 64, 1, 1, 0, stream, parameters, None)
        self.call("cuMemcpyDtoHAsync_v2", result, memory, length, stream)

    def wait(self, slot):
        self.call("cuStreamSynchronize", self.slots[slot][1])

    def check(self, slot, index):
        if bytes(self.slots[slot][2]) != self.first[index]:
            raise Wrong(f"the result of input {index} is another than it should be")


class Fake:
    """Some milliseconds and a number."""

    def __init__(self, options):
        self.slots = [0] * options.ahead
        self.milliseconds = options.size / 1000

    def load(self):
        self.first = [pow(index + 3, 65537, 2**61 - 1) for index in range(INPUTS)]
        return {"device": "none", "sms": 0, "digest": hashlib.sha256(str(self.first).encode()).hexdigest()[:16]}

    def issue(self, slot, index):
        time.sleep(self.milliseconds / 1000)
        self.slots[slot] = pow(index + 3, 65537, 2**61 - 1)

    def wait(self, slot):
        pass

    def check(self, slot, index):
        if self.slots[slot] != self.first[index]:
            raise Wrong("two and two are five")


class Orders:
    """The words on standard input."""

    def __init__(self):
        self.gathered, self.over = b"", False

    def next(self, patience):
        """The next word, `end` at the end, or nothing after so many seconds; forever if they are none."""
        while b"\n" not in self.gathered and not self.over:
            if not select.select([0], [], [], patience)[0]:
                return None
            read = os.read(0, 4096)
            self.over = not read
            self.gathered += read
        if b"\n" not in self.gathered:
            return "end"
        word, self.gathered = self.gathered.split(b"\n", 1)
        return word.decode().strip()


class Alone:
    """As Orders, of somebody who wants so many seconds."""

    def __init__(self, seconds):
        self.words, self.seconds, self.until = ["load", "go"], seconds, None

    def next(self, patience):
        if self.words:
            return self.words.pop(0)
        self.until = self.until or time.monotonic() + self.seconds
        return "end" if time.monotonic() >= self.until else None


def say(*words):
    print(*words, flush=True)


def expect(orders, *words):
    word = orders.next(None)
    if word not in words:
        raise Wrong(f"told to `{word}`, not one of {', '.join(words)}")
    return word


def drivers():
    """The files of all that this process has for libcuda.so.1."""
    with open("/proc/self/maps") as maps:
        files = {line.split(maxsplit=5)[5].strip() for line in maps if "/" in line}
    return sorted(file for file in files if os.path.basename(file).startswith("libcuda.so"))


def serve(model, orders, options):
    """Answers requests until told to end; how many."""
    expect(orders, "load")
    say("ready", json.dumps(model.load() | {"drivers": drivers()}))
    count, going = 0, False
    under_way = collections.deque()

    def finish(samples):
        began, slot, index = under_way.popleft()
        model.wait(slot)
        samples.write(f"{began:.6f} {1e3 * (time.monotonic() - began):.4f}\n")
        model.check(slot, index)

    with open(options.samples, "w", buffering=1 << 16) as samples:
        while True:
            if not going:
                if expect(orders, "go", "end") == "end":
                    return count
                going = True
                say("going")
            word = orders.next(0)
            if word in ("stop", "end"):
                while under_way:
                    finish(samples)
                samples.flush()
                going = False
                say("stopped", count)
                if word == "end":
                    return count
                continue
            if word:
                raise Wrong(f"told to `{word}` while going")
            under_way.append((time.monotonic(), count % options.ahead, count % INPUTS))
            model.issue(*under_way[-1][1:])
            count += 1
            if len(under_way) == options.ahead:
                finish(samples)


def main():
    models = {"resnet50": Torch, "vgg16": Torch, "densenet121": Torch, "matmul": Torch, "driver": Driver, "fake": Fake}
    sizes = {"matmul": 4096, "driver": 2000, "fake": 2000}
    parser = argparse.ArgumentParser(description="One tenant of a shared GPU, for sharing.py.")
    parser.add_argument("model", choices=models)
    parser.add_argument("--batch", type=int, default=8, help="images in a request")
    parser.add_argument("--eager", action="store_true", help="launch kernel by kernel rather than a graph")
    parser.add_argument("--size", type=int, help="of matmul: rows; of driver: turns of the kernel's loop; of fake: microseconds")
    parser.add_argument("--products", type=int, default=8, help="of matmul: products in a graph")
    parser.add_argument("--replays", type=int, default=1, help="how often a request runs the model")
    parser.add_argument("--ahead", type=int, default=1, help="requests under way at once; with 2 the device is never without work")
    parser.add_argument("--samples", default=os.devnull, help="the file for what each request took")
    parser.add_argument("--seconds", type=float, help="go by itself, for so long")
    options = parser.parse_args()
    if options.size is None:
        options.size = sizes.get(options.model, 0)
    if min(options.batch, options.products, options.replays, options.ahead) < 1 or options.size < 0:
        parser.error("counts are at least 1")
    try:
        model = models[options.model](options)
        say("imported")
        orders = Orders() if options.seconds is None else Alone(options.seconds)
        say("PASS", serve(model, orders, options))
    except Exception as error:
        say("FAILED", " ".join(f"{type(error).__name__}: {error}".split())[:500])
        # Who is ended by a fault of somebody else's may have a library that does not come to its end.
        os._exit(1)


if __name__ == "__main__":
    main()
