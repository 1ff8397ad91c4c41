"""Takes files out of a Debian package: debian.py MIRROR PATH SHA256 FOLDER FROM=TO...

The package MIRROR/PATH is read as it comes and never stored. A file whose name begins with a FROM goes to FOLDER, under the TO of
the longest such FROM in place of it; all others are passed over. What was written is right only where the program succeeds."""

import hashlib
import os
import sys
import tarfile
import urllib.request


class Counted:
    """A stream that hashes what is read, and ends where a member of an `ar` archive ends."""

    def __init__(self, stream):
        self.stream, self.hash, self.left = stream, hashlib.sha256(), None

    def read(self, size=-1):
        if self.left is not None:
            size = self.left if size < 0 else min(size, self.left)
        data = self.stream.read(size)
        self.hash.update(data)
        if self.left is not None:
            self.left -= len(data)
        return data

    def exactly(self, size):
        data = b""
        while len(data) < size:
            more = self.read(size - len(data))
            if not more:
                sys.exit("the package ends in the middle")
            data += more
        return data


def inside(folder, name):
    path = os.path.normpath(os.path.join(folder, name))
    if not path.startswith(os.path.abspath(folder) + os.sep):
        sys.exit(f"{name} would lie outside {folder}")
    return path


def unpack(archive, folder, places):
    for member in archive:
        name = member.name.removeprefix("./")
        matches = [start for start in places if name.startswith(start)]
        if not matches:
            continue
        start = max(matches, key=len)
        path = inside(folder, places[start] + name[len(start):])
        if member.isdir():
            os.makedirs(path, exist_ok=True)
            continue
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if os.path.lexists(path):
            os.remove(path)
        if member.issym():
            # Links to what the package does not have lead nowhere, and none leads out.
            if "/" not in member.linkname:
                os.symlink(member.linkname, path)
        elif member.isfile():
            with open(path, "wb") as file:
                source = archive.extractfile(member)
                while data := source.read(1 << 20):
                    file.write(data)
            os.chmod(path, 0o755 if member.mode & 0o111 else 0o644)


def main():
    mirror, path, wanted, folder, *rules = sys.argv[1:]
    places = dict(rule.split("=", 1) for rule in rules)
    folder = os.path.abspath(folder)
    with urllib.request.urlopen(f"{mirror}/{path}", timeout=60) as response:
        package = Counted(response)
        if package.exactly(8) != b"!<arch>\n":
            sys.exit("it is no Debian package")
        while header := package.read(60):
            header += package.exactly(60 - len(header))
            name, size = header[:16].decode().strip().rstrip("/"), int(header[48:58])
            package.left = size
            if name.startswith("data.tar"):
                kind = name.removeprefix("data.tar").removeprefix(".") or "tar"
                with tarfile.open(fileobj=package, mode=f"r|{kind}") as archive:
                    unpack(archive, folder, places)
            while package.read(1 << 20):
                pass
            package.left = None
            package.exactly(size % 2)
    if package.hash.hexdigest() != wanted:
        sys.exit("its contents are not what they should be (SHA-256)")


main()
