"""The local engine through its public interface, on a tiny checkpoint in the published layout."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from ocrx.document import Page, Recognition, Request, Source, SourceKind, StopReason, Task
from ocrx.engine import BatchEngine, EngineSettings, PreparedPage, load_engine
from ocrx.engines.local import LocalEngine
from ocrx.errors import ExitCode, MissingRequirementError
from ocrx.modes import ResolutionMode, plan_for
from ocrx.raster import open_page_image, probe
from ocrx.source import open_source
from ocrx.views import cut_views

GOLDEN = Path(__file__).parents[1] / "parity" / "golden"
TINY = GOLDEN / "tiny-v1"
NAMES = ["A4_1241x1754", "small_600x400"]
CASES = json.loads((GOLDEN / "manifest.json").read_text("utf-8"))["cases"]
GOLDEN_TOKENS = 16  # of each golden page


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The golden checkpoint, its sequences as long as the golden ones of mode tiny: 109 and 16."""
    folder = tmp_path_factory.mktemp("models") / "tiny-v1"
    shutil.copytree(TINY, folder)
    config = json.loads((folder / "config.json").read_text("utf-8"))
    config["language_config"]["max_position_embeddings"] = 109 + GOLDEN_TOKENS
    (folder / "config.json").write_text(json.dumps(config), "utf-8")
    return folder


def settings(checkpoint: Path, batch: int = 2) -> EngineSettings:
    return EngineSettings(str(checkpoint), device="cpu", dtype="float32", batch=batch, offline=True)


def request(name: str, mode: ResolutionMode = ResolutionMode.TINY) -> Request:
    [page] = probe(open_source(str(GOLDEN / "pages" / f"{name}.png")))
    return Request(page, plan_for(mode, int(page.width), int(page.height)))


def prepared(asked: Request) -> PreparedPage:
    assert asked.plan is not None
    return PreparedPage(asked, cut_views(open_page_image(asked.page), asked.plan))


def golden_text(name: str) -> str:
    from safetensors.numpy import load_file

    from ocrx.engines.local.tokens import Tokens

    ids = load_file(GOLDEN / "model" / f"{name}__tiny.safetensors")["greedy_ids"].tolist()
    assert len(ids) == GOLDEN_TOKENS
    return Tokens(TINY).text(ids)


def by_page(found: list[Recognition]) -> dict[str, Recognition]:
    return {each.page_id: replace(each, seconds=0) for each in found}


def test_two_pages_at_once_give_the_original_models_text(checkpoint: Path) -> None:
    engine = LocalEngine(settings(checkpoint))
    assert isinstance(engine, BatchEngine)
    asked = [request(name) for name in NAMES]
    found = by_page(list(engine.recognise_prepared(map(prepared, asked))))
    assert engine.capacity == 2
    for name, each in zip(NAMES, asked, strict=True):
        recognition = found[each.page_id]
        assert recognition.raw == golden_text(name)
        assert recognition.stop_reason is StopReason.LENGTH
        assert recognition.output_tokens == GOLDEN_TOKENS
        assert recognition.vision_tokens == 64
        assert recognition.dialect == engine.info.dialect
    assert len({each.raw for each in found.values()}) == 2
    engine.close()


def test_one_at_a_time_gives_the_same_and_so_do_plain_requests(checkpoint: Path) -> None:
    asked = [request(name) for name in NAMES]
    together = by_page(list(LocalEngine(settings(checkpoint)).recognise(asked)))
    alone = LocalEngine(settings(checkpoint, batch=1))
    assert by_page(list(alone.recognise_prepared(map(prepared, asked)))) == together
    assert alone.capacity == 1


def test_an_engine_goes_on_after_it_was_closed(checkpoint: Path) -> None:
    engine = LocalEngine(settings(checkpoint))
    first = by_page(list(engine.recognise([request(NAMES[0])])))
    engine.close()
    engine.close()
    assert by_page(list(engine.recognise([request(NAMES[0])]))) == first


def test_bad_pages_fail_alone(checkpoint: Path) -> None:
    good = request(NAMES[0])
    gone = Source("gone.png", "/no/such.png", SourceKind.IMAGE, "ff", 1, 1)
    lost = replace(good, page=Page(gone, 0, 10, 10))
    unplanned = replace(good, page=replace(good.page, index=1), plan=None)
    found = by_page(list(LocalEngine(settings(checkpoint)).recognise([lost, unplanned, good])))
    assert found[good.page_id].raw == golden_text(NAMES[0])
    assert found[lost.page_id].stop_reason is StopReason.FAILED
    assert "gone.png" in (found[lost.page_id].failure or "")
    assert found[unplanned.page_id].failure == "the page has no plan of views"


def test_what_a_turned_page_gives_is_of_the_turned_page(checkpoint: Path) -> None:
    engine = LocalEngine(settings(checkpoint))
    upright = request(NAMES[0])
    turned = replace(upright, turned_degrees=90)
    [one] = engine.recognise([upright])
    [other] = engine.recognise([turned])
    assert one.raw != other.raw
    assert (one.turned_degrees, other.turned_degrees) == (0, 90)


def test_a_known_model_is_described_without_its_weights() -> None:
    engine = load_engine("local", EngineSettings(device="cpu", offline=True))
    info = engine.info
    assert (info.name, info.model, info.takes_views) == ("local", "deepseek-ocr", True)
    assert info.devices == ("cpu",)
    assert info.modes == frozenset(ResolutionMode)
    assert info.tasks == frozenset(Task)


def test_what_changes_the_text_changes_the_revision(checkpoint: Path) -> None:
    base = settings(checkpoint)
    others = [base, replace(base, dtype="bfloat16"), replace(base, model="deepseek-ocr")]
    assert len({LocalEngine(each).info.revision for each in others}) == 3
    assert LocalEngine(base).info == LocalEngine(base).info
    assert LocalEngine(base).info.model == "tiny-v1"


def test_missing_weights_are_said_when_they_are_needed(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    engine = LocalEngine(EngineSettings(device="cpu"))
    with pytest.raises(MissingRequirementError, match="ocrx models pull deepseek-ocr") as no:
        list(engine.recognise_prepared([]))
    assert no.value.exit_code is ExitCode.MISSING_REQUIREMENT
    with pytest.raises(MissingRequirementError, match="ocrx models pull"):
        assert engine.capacity


@pytest.mark.parametrize("model", ["deepsek-ocr", "/no/such/folder", "."])
def test_an_unknown_model_is_refused_at_once(model: str, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(MissingRequirementError):
        LocalEngine(EngineSettings(model=model, device="cpu"))


def test_a_device_that_is_not_there_is_refused_at_once() -> None:
    with pytest.raises(MissingRequirementError, match="cuda:77"):
        LocalEngine(EngineSettings(device="cuda:77"))


def test_nothing_heavy_is_loaded_before_the_first_page() -> None:
    code = (
        "import sys; from ocrx.engines.local import LocalEngine;"
        "from ocrx.engine import EngineSettings;"
        "LocalEngine(EngineSettings(device='cpu')).info;"
        "print({'torch', 'transformers', 'huggingface_hub', 'tokenizers'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
