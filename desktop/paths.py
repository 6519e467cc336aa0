"""Where things are. Only this module knows."""

from __future__ import annotations

from pathlib import Path


def assets() -> Path:
    """The folder of schemes, fonts, icons and texts: inside the installed package, or beside it in a checkout."""
    inside = Path(__file__).parent / "assets"
    return inside if inside.is_dir() else Path(__file__).parent.parent / "assets"


def schemes() -> Path:
    return assets() / "schemes"


def shipped() -> list[Path]:
    """The folders of the schemes that come with the program."""
    return sorted(path.parent for path in schemes().glob("*/scheme.toml"))


def texts() -> Path:
    return assets() / "i18n"


def sample_parameters(scheme_id: str) -> Path:
    return assets() / "sample" / f"{scheme_id}.toml"


def scheme_folder(name: str) -> Path:
    """A shipped scheme by its id, or a folder of one's own."""
    shipped = schemes() / name
    return shipped if shipped.is_dir() else Path(name)
