"""The Debian package: the bundled folder, and what the desktop is told of its program, icon and kind of file.

`python -m delivery.debian dist/census-desk dist` writes it and prints where. From the same folder comes the same
package: all is the root user's, and as old as SOURCE_DATE_EPOCH says.
"""

from __future__ import annotations

import gzip
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from delivery import elf
from delivery.bundle import UNUSED
from desktop import licences

_ROOT = Path(__file__).parents[2]
_ICONS = _ROOT / "assets" / "icons"
_MAINTAINER = "Census Desk contributors <census-desk@localhost>"
# Whose packages bring what the folder leaves to the system: libraries that every desktop has, and that know its fonts,
# screens and printers.
_PACKAGES = {
    "libglib2.0-0": ("libglib-2.0.so.0", "libgthread-2.0.so.0"),
    "libfontconfig1": ("libfontconfig.so.1",),
    "libfreetype6": ("libfreetype.so.6",),
    "libdbus-1-3": ("libdbus-1.so.3",),
    "libgl1": ("libGL.so.1",),
    "libegl1": ("libEGL.so.1",),
    "libx11-6": ("libX11.so.6",),
    "libx11-xcb1": ("libX11-xcb.so.1",),
    "libxcb1": ("libxcb.so.1",),
}
# Without these there are no printers and no Wayland, and all else works.
_BETTER = {
    "libcups2": ("libcups.so.2",),
    "libwayland-client0": ("libwayland-client.so.0",),
    "libwayland-cursor0": ("libwayland-cursor.so.0",),
}
_GLIBC = re.compile(r"(ld-linux|libc|libm|libdl|libpthread|librt|libutil)[-.\w]*\.so")


def write(folder: Path, out: Path) -> Path:
    """The package of a bundled `folder`, in `out`."""
    asked = subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True, check=True)
    architecture, release = asked.stdout.strip(), version(licences.PROGRAM)
    package = out / f"census-desk_{release}_{architecture}.deb"
    with TemporaryDirectory(dir=out) as place:
        tree = Path(place) / "tree"
        lay_out(folder, tree)
        _write(tree / "DEBIAN" / "control", _control(tree, folder, release, architecture))
        _settle(tree, int(os.environ["SOURCE_DATE_EPOCH"]))
        # xz at three takes half the time of six, and a tenth more room.
        build = ["dpkg-deb", "--root-owner-group", "-Zxz", "-z3", "--build", str(tree), str(package)]
        subprocess.run(build, check=True, stdout=subprocess.DEVNULL)
    return package


def lay_out(folder: Path, tree: Path) -> None:
    """The files where a Debian system looks for them."""
    share = tree / "usr" / "share"
    shutil.copytree(folder, tree / "usr" / "lib" / "census-desk", symlinks=True)
    (tree / "usr" / "bin").mkdir()
    (tree / "usr" / "bin" / "census-desk").symlink_to("../lib/census-desk/census-desk")
    here = Path(__file__).parent
    _copy(here / "census-desk.desktop", share / "applications" / "census-desk.desktop")
    _copy(here / "census-desk.xml", share / "mime" / "packages" / "census-desk.xml")
    icons = share / "icons" / "hicolor"
    for name in ("apps/census-desk", "mimetypes/application-x-census-desk"):
        _copy(_ICONS / "logo.svg", icons / "scalable" / f"{name}.svg")
        _copy(_ICONS / "logo.png", icons / "256x256" / f"{name}.png")
    papers = share / "doc" / "census-desk"
    _write(papers / "copyright", copyright_())
    changes = (_ROOT / "CHANGELOG.md").read_bytes()
    (papers / "changelog.gz").write_bytes(gzip.compress(changes, mtime=0))


def copyright_() -> str:
    """Every part with its licence, then the licences' texts, each once."""
    parts = [one for one in licences.parts() if one.name not in UNUSED]
    listed = [f"{one.name} {one.version}".strip() + f": {one.licence}" for one in parts]
    texts = dict.fromkeys(one.text for one in parts if one.text)
    return "\n\n".join(["\n".join(listed), *texts]) + "\n"


def dependencies(folder: Path) -> tuple[list[str], list[str]]:
    """The packages a bundled folder depends on, and those it recommends; a library nobody brings is refused."""
    found = {path: elf.needs(path) for path in elf.files(folder)}
    inside = {path.name for path in folder.rglob("*.so*")}
    asked = {name for one in found.values() for name in one.libraries if name not in inside}
    glibc = max(one.glibc for one in found.values())
    strange = asked - _brought(_PACKAGES) - _brought(_BETTER) - {name for name in asked if _GLIBC.match(name)}
    if strange:
        raise SystemExit(f"No package is known to bring {', '.join(sorted(strange))}")
    depends = [f"libc6 (>= {'.'.join(map(str, glibc))})", *_asked(_PACKAGES, asked)]
    return depends, _asked(_BETTER, asked)


def _brought(packages: Mapping[str, tuple[str, ...]]) -> set[str]:
    return {name for names in packages.values() for name in names}


def _asked(packages: Mapping[str, tuple[str, ...]], asked: Iterable[str]) -> list[str]:
    return [package for package, names in packages.items() if set(names) & set(asked)]


def _control(tree: Path, folder: Path, release: str, architecture: str) -> str:
    depends, recommends = dependencies(folder)
    size = sum(path.stat().st_size for path in tree.rglob("*") if path.is_file() and not path.is_symlink())
    return f"""Package: census-desk
Version: {release}
Architecture: {architecture}
Maintainer: {_MAINTAINER}
Installed-Size: {size // 1024}
Depends: {", ".join(depends)}
Recommends: {", ".join(recommends)}
Section: misc
Priority: optional
Description: Offline enterprise census (普查台)
 Forms, checks, returns, merging, indicators and printed tables of an enterprise
 census, for the districts that collect it and the city that merges it. Needs
 neither Python nor a network.
"""


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _settle(tree: Path, moment: int) -> None:
    """Rights and times that do not depend on who builds, and when."""
    for path in (tree, *tree.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        os.utime(path, (moment, moment), follow_symlinks=False)


if __name__ == "__main__":
    print(write(Path(sys.argv[1]), Path(sys.argv[2])))
