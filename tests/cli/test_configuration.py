"""Flags before variables before the file; keys and types are checked."""

import tomllib
from pathlib import Path

import pytest
from command import Command

from ocrx.cli.configuration import find_configuration, read_configuration, settings_of
from ocrx.cli.options import ConvertOptions
from ocrx.errors import UsageError

SETTINGS = settings_of(ConvertOptions)


@pytest.fixture
def write(tmp_path: Path) -> Path:
    return tmp_path / "ocrx.toml"


def test_keys_are_option_names_and_values_are_typed(write: Path) -> None:
    write.write_text('mode = "base"\nmax-tiles = 4\npage_timeout = 30\nstrict = true\n')
    values = read_configuration(write, SETTINGS)
    assert values == {"mode": "base", "max_tiles": 4, "page_timeout": 30, "strict": True}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('mod = "base"', "unknown key 'mod'; did you mean 'mode'?"),
        ("zzz = 1", "unknown key 'zzz'; the keys are "),
        ('mode = "huge"', "mode must be one of auto, tiny, small, base, large, gundam"),
        ('jobs = "four"', "jobs must be a whole number, not 'four'"),
        ("jobs = true", "jobs must be a whole number, not True"),
        ("jobs = 1.5", "jobs must be a whole number"),
        ("strict = 1", "strict must be true or false"),
        ("engine = 3", "engine must be a string"),
        ("format = []", "format must be one of"),
        ('password = "secret"', "unknown key 'password'"),
        ("mode = ", "line 1"),
    ],
)
def test_a_wrong_file_is_told_by_key(write: Path, content: str, said: str) -> None:
    write.write_text(content)
    with pytest.raises(UsageError) as caught:
        read_configuration(write, SETTINGS)
    assert said in str(caught.value)
    assert "ocrx.toml" in str(caught.value)


def test_a_named_file_must_exist() -> None:
    with pytest.raises(UsageError, match="no such configuration file"):
        find_configuration("/nowhere/ocrx.toml")


def test_every_key_has_a_type_that_toml_knows() -> None:
    for setting in SETTINGS.values():
        assert setting.kind in (bool, int, float, str)
        text = {bool: "true", int: "3", float: "1.5", str: '"x"'}[setting.kind]
        assert isinstance(tomllib.loads(f"{setting.key} = {text}")[setting.key], setting.kind)


def refused_mode(ocrx: Command, *words: str) -> str:
    """Return what is said of a mode that does not exist: it shows which source won."""
    done = ocrx("missing.pdf", *words)
    assert done.code in (2, 3)
    return done.err


def test_flags_beat_variables_beat_the_file(ocrx: Command, write: Path) -> None:
    write.write_text('mode = "nowhere"')
    assert "ocrx.toml: mode must be one of" in refused_mode(ocrx)
    write.write_text('pages = "1"')
    assert "unknown key 'pages'" in refused_mode(ocrx)

    write.write_text("max-tiles = 400")
    assert "400" in refused_mode(ocrx)
    ocrx.variables["OCRX_MAX_TILES"] = "500"
    assert "500" in refused_mode(ocrx)
    assert "OCRX_MAX_TILES" in refused_mode(ocrx)
    assert "missing.pdf" in refused_mode(ocrx, "--max-tiles", "6")


def test_a_file_of_ones_own_and_the_users_file(ocrx: Command, tmp_path: Path) -> None:
    users = tmp_path / ".home" / "config" / "ocrx" / "ocrx.toml"
    users.parent.mkdir(parents=True)
    users.write_text("max-tiles = 401")
    assert "401" in refused_mode(ocrx)
    (tmp_path / "ocrx.toml").write_text("max-tiles = 402")
    assert "402" in refused_mode(ocrx)
    (tmp_path / "mine.toml").write_text("max-tiles = 403")
    assert "403" in refused_mode(ocrx, "--config", "mine.toml")
    assert "missing.toml" in refused_mode(ocrx, "--config", "missing.toml")


def test_empty_variables_count_as_absent(ocrx: Command) -> None:
    ocrx.variables["OCRX_MODE"] = ""
    assert "missing.pdf" in refused_mode(ocrx)
