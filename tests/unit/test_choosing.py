"""Which engine auto takes, and what is refused before anything starts."""

import pytest
from model_folders import copy_tiny, fill_cache

from ocrx.conversion import choosing
from ocrx.conversion.choosing import choose_engine, engine_info, require_model, settled
from ocrx.conversion.results import RecognitionOptions
from ocrx.document import Task
from ocrx.engine import EngineInfo
from ocrx.engines.local.catalogue import CATALOGUE
from ocrx.errors import MissingRequirementError, UsageError
from ocrx.modes import ResolutionMode

CARD = CATALOGUE["deepseek-ocr"]


@pytest.fixture(autouse=True)
def own_cache(monkeypatch, tmp_path):
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))


@pytest.fixture
def gpu(monkeypatch):
    monkeypatch.setattr(choosing, "accelerators", lambda: ("cuda:0",))


@pytest.fixture
def no_gpu(monkeypatch):
    monkeypatch.setattr(choosing, "accelerators", lambda: ())


def test_a_gpu_and_weights_make_it_the_local_engine(gpu):
    fill_cache(CARD)
    choice = choose_engine()
    assert (choice.engine, choice.model) == ("local", "deepseek-ocr")
    assert choice.reason == "deepseek-ocr on cuda:0"


def test_without_weights_it_is_the_embedded_engine_and_the_command_is_told(gpu):
    choice = choose_engine()
    assert (choice.engine, choice.model) == ("embedded", None)
    assert choice.reason == "no model weights: ocrx models pull deepseek-ocr"


def test_without_a_gpu_it_is_the_embedded_engine_even_with_weights(no_gpu):
    fill_cache(CARD)
    assert choose_engine().engine == "embedded"
    assert choose_engine().reason == "no GPU for a model"


def test_a_device_asked_for_is_good_enough(no_gpu):
    fill_cache(CARD)
    assert choose_engine(device="cpu").engine == "local"
    assert choose_engine(device="cpu").reason == "deepseek-ocr on cpu"


def test_a_model_asked_for_needs_the_local_engine(no_gpu, tmp_path, monkeypatch):
    choice = choose_engine("baidu/Unlimited-OCR")
    assert (choice.model, choice.reason) == ("unlimited-ocr", "--model unlimited-ocr")
    copy_tiny(tmp_path / "mine")
    monkeypatch.chdir(tmp_path)
    choice = choose_engine("mine")
    assert choice.engine == "local"
    assert choice.model == str((tmp_path / "mine").resolve())  # holds in any working directory


def test_the_choice_is_in_the_options_and_an_engine_that_was_named_stays(no_gpu):
    options, choice = settled(RecognitionOptions(engine="auto"))
    assert (options.engine, choice.engine) == ("embedded", "embedded")
    options, choice = settled(RecognitionOptions(engine="local"))
    assert (options.engine, options.model, choice) == ("local", "deepseek-ocr", None)


def test_the_embedded_engine_takes_no_model():
    with pytest.raises(UsageError, match="--model"):
        settled(RecognitionOptions(engine="embedded", model="deepseek-ocr"))


def test_a_model_that_is_not_whole_is_refused_before_anything_starts(tmp_path):
    with pytest.raises(MissingRequirementError, match="ocrx models pull deepseek-ocr"):
        require_model(RecognitionOptions(engine="local"))
    folder = copy_tiny(tmp_path / "mine")
    whole = RecognitionOptions(engine="local", model=str(folder))
    require_model(whole)
    (folder / "model-00001-of-000001.safetensors").write_bytes(b"\x08" + b"\0" * 7 + b"nonsense")
    with pytest.raises(MissingRequirementError, match=r"model-00001-of-000001\.safetensors"):
        require_model(whole)


def test_a_task_that_the_engine_lacks_is_refused_with_those_it_has():
    with pytest.raises(UsageError, match=r"--task locate: engine embedded .*markdown, text, ocr"):
        engine_info(RecognitionOptions(engine="embedded", task=Task.LOCATE))
    assert engine_info(RecognitionOptions(engine="embedded", task=Task.OCR)).name == "embedded"


INFO = EngineInfo("e", "m", "1", "d", frozenset(ResolutionMode), frozenset(Task))


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({"device": "cuda:1"}, True),
        ({"batch": 4}, True),
        ({"offline": True}, True),
        ({"pages": "1"}, True),
        ({"model": "deepseek-ai/DeepSeek-OCR"}, True),  # the engine's own info names the model
        ({"dtype": "float16"}, False),
        ({"query": "a word"}, False),
        ({"verify": True}, False),
        ({"climb": False}, False),
    ],
)
def test_what_decides_a_reading_is_in_its_fingerprint(change, same):
    plain, changed = RecognitionOptions(), RecognitionOptions(**change)
    assert (plain.fingerprint(INFO) == changed.fingerprint(INFO)) is same
