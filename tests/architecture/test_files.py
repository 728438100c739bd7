"""The size and the names of the project's files."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "ocrx").rglob("*.py"))
LOCAL = ROOT / "ocrx" / "engines" / "local"
OUTSIDE_OF_THE_LOCAL_ENGINE = [path for path in SOURCES if path.parent != LOCAL]
MOST_LINES_OF_A_FILE = 300
MOST_LINES_OF_A_FUNCTION = 50
NAMES_THAT_SAY_NOTHING = {"utils", "helpers", "common", "misc", "manager"}


def label(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", SOURCES, ids=label)
def test_files_and_functions_stay_short(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) < MOST_LINES_OF_A_FILE
    long = [
        node.name
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 >= MOST_LINES_OF_A_FUNCTION
    ]
    assert long == []


@pytest.mark.parametrize("path", SOURCES, ids=label)
def test_names_say_what_is_inside(path: Path) -> None:
    assert path.stem not in NAMES_THAT_SAY_NOTHING


@pytest.mark.parametrize("path", SOURCES, ids=label)
def test_nothing_evaluates_text(path: Path) -> None:
    calls = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if is_call(node)]
    assert [call.lineno for call in calls] == []


def is_call(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in {"eval", "exec"}
    )


@pytest.mark.parametrize("path", OUTSIDE_OF_THE_LOCAL_ENGINE, ids=label)
def test_only_the_local_engine_meets_torch(path: Path) -> None:
    assert {"torch", "transformers"} & imported(path) == set()


def imported(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found.add(node.module.split(".")[0])
    return found
