#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""packages_test.py BUILD ROOT [--write]: what debian/ says fits what the build installs, without building packages.

Every file that meson installs is in exactly one package, every line of debian/*.install has a file, each package has what it is for, and the
symbols file names what the maps of the libraries let out (--write adds what is missing there).
"""
import fnmatch
import json
import os
import re
import subprocess
import sys


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def installed(build):
    """Paths below the root, with the prefix /usr and libraries in lib/TRIPLET, as debhelper configures it."""
    options = {option["name"]: option["value"] for option in introspect(build, "--buildoptions")}
    prefix, libraries = options["prefix"], f"{options['prefix']}/{options['libdir']}/"
    for path in introspect(build, "--installed").values():
        path = path.replace(libraries, f"{prefix}/lib/x86_64-linux-gnu/")
        yield path.replace(prefix, "usr", 1).lstrip("/")


def introspect(build, what):
    return json.loads(subprocess.run(["meson", "introspect", build, what], capture_output=True, text=True, check=True).stdout)


def packages(root):
    return re.findall(r"^Package: (.*)$", read(f"{root}/debian/control"), re.M)


def install_lines(root, package):
    path = f"{root}/debian/{package}.install"
    return [line.split() for line in read(path).splitlines()] if os.path.exists(path) else []


def covers(pattern, path):
    pattern = re.sub("^lib/", "usr/lib/", pattern)  # debian/rules says so; one folder by two names
    return fnmatch.fnmatchcase(path, pattern) or path.startswith(pattern + "/")


def wrong_files(root, files):
    """Sentences on files in no package or in two, and lines without a file."""
    lines = [(package, line) for package in packages(root) for line in install_lines(root, package)]
    for path in sorted(files):
        owners = [package for package, line in lines if len(line) == 1 and covers(line[0], path)]
        if len(owners) != 1:
            yield f"{path} is in {' and '.join(owners) or 'no package: add it to one of debian/*.install'}"
    for package, line in lines:
        if len(line) == 1 and not any(covers(line[0], path) for path in files):
            yield f"debian/{package}.install: nothing is installed at {line[0]}"
        if len(line) == 2 and not os.path.exists(f"{root}/{line[0]}"):
            yield f"debian/{package}.install: there is no {line[0]}"


def wrong_lists(root):
    for package in packages(root):
        for kind in ("docs", "examples"):
            path = f"{root}/debian/{package}.{kind}"
            for line in read(path).split() if os.path.exists(path) else ():
                if "*" not in line and not os.path.exists(f"{root}/{line}"):
                    yield f"debian/{package}.{kind}: there is no {line}"


def exported(build):
    """{library: its vmmq_* symbols}"""
    found = {}
    for folder, name in (("core", "vmmq-core"), ("ndis", "vmmq-ndis"), ("engine", "vmmq")):
        text = subprocess.run(["nm", "-D", "--defined-only", f"{build}/src/{folder}/lib{name}.so"], capture_output=True, text=True,
                              check=True).stdout
        found[f"lib{name}.so.1"] = set(re.findall(r" [TDBR] (vmmq_\w+)", text))
    return found


def wrong_symbols(root, build):
    listed, library = {}, None
    for line in read(f"{root}/debian/libvmmq1.symbols").splitlines():
        if line.startswith("lib"):
            library = listed.setdefault(line.split()[0], set())
        elif line.startswith(" vmmq_"):
            library.add(line.split("@")[0].strip())
    for name, symbols in exported(build).items():
        for symbol in sorted(symbols ^ listed.get(name, set())):
            yield f"{name}: {symbol} is {'not in debian/libvmmq1.symbols' if symbol in symbols else 'gone, and in debian/libvmmq1.symbols'}"


def write_symbols(root, build):
    """Adds new symbols with the version of debian/changelog; who takes one away does so by hand, and thinks of the soversion."""
    path, version = f"{root}/debian/libvmmq1.symbols", packaged_version(root)
    known = dict(re.findall(r"^ (\S+)@\S+ (\S+)$", read(path), re.M)) if os.path.exists(path) else {}
    found = exported(build)
    with open(path, "w", encoding="utf-8") as file:
        for name, symbols in found.items():
            node = name.removeprefix("lib").removesuffix(".so.1").replace("-", "_").upper() + "_0.1"
            file.write(f"{name} libvmmq1 #MINVER#\n* Build-Depends-Package: libvmmq-dev\n")
            for symbol in (node, *sorted(symbols)):
                file.write(f" {symbol}@{node} {known.get(symbol, version)}\n")


def packaged_version(root):
    return re.match(r"vmmq \(([^)]*)\)", read(f"{root}/debian/changelog"))[1]


def wrong_version(root):
    packaged = packaged_version(root)
    project = re.search(r"version: '([^']*)'", read(f"{root}/meson.build"))[1]
    if packaged != project:
        yield f"debian/changelog has {packaged}, meson.build {project}"


def main():
    build, root = sys.argv[1:3]
    if "--write" in sys.argv:
        write_symbols(root, build)
    files = set(installed(build))
    found = [*wrong_files(root, files), *wrong_lists(root), *wrong_symbols(root, build), *wrong_version(root)]
    assert any("usr/sbin/vmmqd" in line for line in wrong_files(root, files - {"usr/sbin/vmmqd"})), "the test sees nothing"
    assert any("in no package" in line for line in wrong_files(root, files | {"usr/bin/another"})), "the test sees nothing"
    for sentence in found:
        print(sentence)
    print(f"{len(files)} files in {len(packages(root))} packages")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
