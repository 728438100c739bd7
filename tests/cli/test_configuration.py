"""Flags before variables before the file; keys and types are checked."""

import tomllib
from collections.abc import Callable
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
        ('engine = "evil:Engine"', "engine must be the name of an installed engine"),
        ("format = []", "format must be one of"),
        ('password = "secret"', "unknown key 'password'"),
        ("mode = ", "Invalid value"),
        ("mode = 1\nmode = 2", "Cannot overwrite"),
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


@pytest.fixture
def chosen_engine(ocrx: Command, page: Path) -> Callable[..., str]:
    """Return what is said of an engine that does not exist: it shows which source won."""

    def chosen(*words: str) -> str:
        done = ocrx(page, *words)
        assert done.code == 4
        return done.err

    return chosen


def test_flags_beat_variables_beat_the_file(
    ocrx: Command, write: Path, chosen_engine: Callable[..., str]
) -> None:
    write.write_text('engine = "of-the-file"')
    assert "of-the-file" in chosen_engine()
    ocrx.variables["OCRX_ENGINE"] = "of-the-variable"
    assert "of-the-variable" in chosen_engine()
    assert "of-the-flag" in chosen_engine("--engine", "of-the-flag")
    ocrx.variables["OCRX_ENGINE"] = ""  # empty counts as absent
    assert "of-the-file" in chosen_engine()


def test_a_file_of_ones_own_beats_that_of_the_folder_beats_that_of_the_user(
    ocrx: Command, tmp_path: Path, chosen_engine: Callable[..., str]
) -> None:
    users = tmp_path / ".home" / "config" / "ocrx" / "ocrx.toml"
    users.parent.mkdir(parents=True)
    users.write_text('engine = "of-the-user"')
    assert "of-the-user" in chosen_engine()
    (tmp_path / "ocrx.toml").write_text('engine = "of-the-folder"')
    assert "of-the-folder" in chosen_engine()
    (tmp_path / "mine.toml").write_text('engine = "of-my-own"')
    assert "of-my-own" in chosen_engine("--config", "mine.toml")


@pytest.mark.parametrize(
    ("variables", "content", "said"),
    [
        ({}, 'mode = "huge"', "ocrx.toml: mode must be one of"),
        ({}, 'pages = "1"', "ocrx.toml: unknown key 'pages'"),
        ({}, "max-tiles = 400", "'--max-tiles'"),
        ({}, "max-tiles = 400", "from the configuration file"),
        ({"OCRX_MAX_TILES": "400"}, "", "from the variable OCRX_MAX_TILES"),
        ({"OCRX_MODE": "huge"}, "", "from the variable OCRX_MODE"),
        ({"OCRX_CONFIG": "missing.toml"}, "", "missing.toml: no such configuration file"),
    ],
)
def test_a_wrong_value_is_told_with_where_it_comes_from(
    ocrx: Command, page: Path, write: Path, variables: dict[str, str], content: str, said: str
) -> None:
    write.write_text(content)
    ocrx.variables |= variables
    done = ocrx(page)
    assert done.code == 2
    assert said in done.err
    assert done.err.count("\n") == 1
