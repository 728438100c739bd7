"""Checkpoints made from scratch load whole; anything else is refused, before loading."""

import json
import math
import pickle
import socket
from pathlib import Path

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from ocrx.engines.local.catalogue import Family
from ocrx.engines.local.headers import checked_checkpoint
from ocrx.engines.local.layout import UNUSED_TENSOR, published_tensors
from ocrx.engines.local.loading import load_model
from ocrx.errors import ExitCode, MissingRequirementError, UsageError
from tests.parity.tiny_checkpoints import config_of, write_checkpoint

GOLDEN = Path(__file__).parent / "golden"
SHARD = "model-00001-of-000002.safetensors"
INDEX = "model.safetensors.index.json"


@pytest.mark.parametrize("family", Family)
def test_a_checkpoint_made_from_scratch_loads_with_every_number_in_its_place(family, tmp_path):
    tensors = write_checkpoint(tmp_path, family)

    loaded = load_model(tmp_path, device="cpu", dtype="float32")

    assert (loaded.family, loaded.device.type, loaded.dtype) == (family, "cpu", torch.float32)
    assert not loaded.model.training
    assert not any(parameter.requires_grad for parameter in loaded.model.parameters())
    assert {parameter.dtype for parameter in loaded.model.parameters()} == {torch.float32}
    total = sum(tensor.float().sum() for name, tensor in tensors.items() if name != UNUSED_TENSOR)
    assert sum(parameter.sum() for parameter in loaded.model.parameters()) == pytest.approx(
        float(total), rel=1e-4
    )
    state = loaded.model.state_dict()
    layer = "layers.2.mlp.experts"
    up = tensors[f"model.{layer}.5.up_proj.weight"].float()
    assert torch.equal(state[f"model.language_model.{layer}.gate_up_proj"][5][len(up) :], up)
    assert torch.equal(state["lm_head.weight"], tensors["lm_head.weight"].float())


def test_the_thirds_of_a_joined_projection_become_queries_keys_and_values(tmp_path):
    tensors = write_checkpoint(tmp_path, Family.DEEPSEEK_OCR)

    state = load_model(tmp_path, device="cpu", dtype="float32").model.state_dict()

    joined = tensors["model.vision_model.transformer.layers.1.self_attn.qkv_proj.weight"].float()
    layer = "model.vision_tower.vision_encoder.encoder.layers.1.self_attn."
    for name, third in zip(("q_proj", "k_proj", "v_proj"), joined.chunk(3), strict=True):
        assert torch.equal(state[f"{layer}{name}.weight"], third)


@pytest.mark.parametrize("family", Family)
def test_a_checkpoint_made_from_scratch_gives_every_page_its_own_embeddings(family, tmp_path):
    write_checkpoint(tmp_path, family)
    model = load_model(tmp_path, device="cpu", dtype="float32").model
    pages = torch.rand(2, 3, 1024, 1024, generator=torch.Generator().manual_seed(1)) - 0.5

    with torch.inference_mode():
        first, second = model.model.get_image_features(pages).pooler_output

    # 1024 // 16 // 4 = 16 tokens an edge; the first version ends each row with a newline.
    tokens = 16 * 16 + 1 if family is Family.DEEPSEEK_OCR_2 else 16 * 17 + 1
    assert first.shape == (tokens, 64)
    assert torch.isfinite(first).all()
    assert (first - second).abs().max() > 1e-3


def test_a_golden_checkpoint_gives_the_original_vision_embeddings():
    model = load_model(GOLDEN / "tiny-v1", device="cpu", dtype="float32").model
    golden = load_file(GOLDEN / "model" / "A4_1241x1754__tiny.safetensors")["vision_embeds"]
    with Image.open(GOLDEN / "pages" / "A4_1241x1754.png") as page:
        view = page.convert("RGB").resize((512, 512))
    pixels = torch.frombuffer(bytearray(view.tobytes()), dtype=torch.uint8).view(1, 512, 512, 3)
    pixels = ((pixels.permute(0, 3, 1, 2) / 255 - 0.5) / 0.5).bfloat16().float()

    with torch.inference_mode():
        (embeddings,) = model.model.get_image_features(pixels).pooler_output

    assert (embeddings - golden).abs().max() < 2e-5


def test_weights_load_in_the_dtype_that_was_asked_for(tmp_path):
    write_checkpoint(tmp_path, Family.DEEPSEEK_OCR)

    model = load_model(tmp_path, device="cpu", dtype="bfloat16").model

    assert {parameter.dtype for parameter in model.parameters()} == {torch.bfloat16}


def test_one_file_without_an_index_is_enough(tmp_path):
    tensors = write_checkpoint(tmp_path, Family.DEEPSEEK_OCR_2)
    for file in (*tmp_path.glob("model-*"), tmp_path / INDEX):
        file.unlink()
    save_file(tensors, tmp_path / "model.safetensors")

    loaded = load_model(tmp_path, device="cpu", dtype="bfloat16")

    assert torch.equal(loaded.model.lm_head.weight, tensors["lm_head.weight"])


def test_loading_reads_nothing_but_the_checkpoint_and_opens_no_connection(tmp_path, monkeypatch):
    write_checkpoint(tmp_path, Family.UNLIMITED_OCR)
    for name in ("generation_config.json", "adapter_config.json", "modeling_x.py"):
        (tmp_path / name).write_text("this would fail if it were read or run")
    config = json.loads((tmp_path / "config.json").read_text())
    config["auto_map"] = {"AutoModel": "modeling_x.Model"}
    (tmp_path / "config.json").write_text(json.dumps(config))

    def refuse(*_: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)

    assert load_model(tmp_path, device="cpu", dtype="float32").model is not None


def edit_json(folder, name, change):
    content = json.loads((folder / name).read_text())
    change(content)
    (folder / name).write_text(json.dumps(content))


def edit_shard(folder, change):
    tensors = load_file(folder / SHARD)
    change(tensors)
    save_file(tensors, folder / SHARD)


def only_pickles(folder):
    for file in (*folder.glob("model-*"), folder / INDEX):
        file.unlink()
    (folder / "pytorch_model.bin").write_bytes(pickle.dumps({"lm_head.weight": [0.0]}))


def pickled_shard(folder):
    edit_json(folder, INDEX, lambda i: i["weight_map"].update({"lm_head.weight": "x.bin"}))
    (folder / "x.bin").write_bytes(pickle.dumps({}))


def cut_short(folder):
    whole = (folder / SHARD).read_bytes()
    (folder / SHARD).write_bytes(whole[:-2])


BAD = {
    "no config": (lambda f: (f / "config.json").unlink(), "config.json: cannot be read"),
    "config no JSON": (lambda f: (f / "config.json").write_text("{"), "is not JSON"),
    "config nested": (lambda f: (f / "config.json").write_text("[" * 10**5), "is not JSON"),
    "config a list": (lambda f: (f / "config.json").write_text("[]"), "not a JSON object"),
    "config huge": (lambda f: (f / "config.json").write_bytes(b" " * 2**21), "larger than"),
    "unknown model": (
        lambda f: edit_json(f, "config.json", lambda c: c.update(architectures=["Other"])),
        "unknown model architecture Other",
    ),
    "other sizes": (
        lambda f: edit_json(
            f, "config.json", lambda c: c["language_config"].update(vocab_size=301)
        ),
        "lm_head.weight (300x64 instead of 301x64)",
    ),
    "no tokenizer": (lambda f: (f / "tokenizer.json").unlink(), "tokenizer.json is missing"),
    "only pickles": (only_pickles, "pytorch_model.bin is a pickle"),
    "pickled shard": (pickled_shard, "'x.bin'"),
    "shard elsewhere": (
        lambda f: edit_json(f, INDEX, lambda i: i["weight_map"].update(a="../a.safetensors")),
        "'../a.safetensors'",
    ),
    "index no JSON": (lambda f: (f / INDEX).write_text("{"), "is not the index"),
    "index without map": (lambda f: (f / INDEX).write_text("{}"), "is not the index"),
    "no shard": (lambda f: (f / SHARD).unlink(), f"{SHARD}: is missing"),
    "empty shard": (lambda f: (f / SHARD).write_bytes(b""), f"{SHARD}: is corrupt"),
    "corrupt shard": (lambda f: (f / SHARD).write_bytes(b"\xff" * 4096), f"{SHARD}: is corrupt"),
    "shard cut short": (cut_short, f"{SHARD}: is corrupt"),
    "tensor missing": (
        lambda f: edit_shard(f, lambda t: t.pop("lm_head.weight")),
        "lacks lm_head.weight;",
    ),
    "many missing": (lambda f: edit_shard(f, lambda t: t.clear()), " more; delete "),
    "tensor too many": (
        lambda f: edit_shard(f, lambda t: t.update(extra=torch.zeros(1))),
        "no place for: extra;",
    ),
    "tensor twice": (
        lambda f: edit_shard(f, lambda t: t.update({"model.embed_tokens.weight": torch.zeros(1)})),
        "model.embed_tokens.weight is also in",
    ),
    "wrong shape": (
        lambda f: edit_shard(f, lambda t: t.update({"lm_head.weight": torch.zeros(300)})),
        "lm_head.weight (300 instead of 300x64)",
    ),
    "wrong numbers": (
        lambda f: edit_shard(f, lambda t: t.update({"lm_head.weight": torch.zeros(1).long()})),
        "lm_head.weight is I64",
    ),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_checkpoint_is_refused_in_one_line_from_its_headers_alone(kind, tmp_path):
    write_checkpoint(tmp_path, Family.DEEPSEEK_OCR)
    spoil, words = BAD[kind]
    spoil(tmp_path)

    with pytest.raises(MissingRequirementError) as raised:
        checked_checkpoint(tmp_path)  # reads no tensor
    with pytest.raises(MissingRequirementError) as again:
        load_model(tmp_path, device="cpu", dtype="float32")

    line = str(raised.value)
    assert words in line
    assert "\n" not in line
    assert len(line) < 400 + 3 * len(str(tmp_path))
    assert str(again.value) == line
    assert raised.value.exit_code is ExitCode.MISSING_REQUIREMENT


def test_too_little_memory_is_said_before_anything_is_loaded(tmp_path):
    write_checkpoint(tmp_path, Family.DEEPSEEK_OCR)
    config = config_of(Family.DEEPSEEK_OCR)
    config["language_config"] |= {
        "hidden_size": 2**15,
        "intermediate_size": 2**17,
        "num_hidden_layers": 64,
        "first_k_dense_replace": 64,
    }
    (tmp_path / "config.json").write_text(json.dumps(config))
    (tmp_path / INDEX).unlink()
    write_hole(tmp_path / "model.safetensors", published_tensors(config))

    with pytest.raises(MissingRequirementError, match=r"need \d{4}\.\d GiB on cpu, .* are free"):
        load_model(tmp_path, device="cpu", dtype="bfloat16")


def write_hole(file, shapes):
    """Write a weight file whose numbers take no room on the disk."""
    header, end = {}, 0
    for name, shape in shapes.items():
        start, end = end, end + 2 * math.prod(shape)
        header[name] = {"dtype": "BF16", "shape": shape, "data_offsets": [start, end]}
    text = json.dumps(header).encode()
    with file.open("wb") as out:
        out.write(len(text).to_bytes(8, "little") + text)
        out.truncate(out.tell() + end)


@pytest.mark.parametrize("device", ["cuda:99", "xpu", "meta"])
def test_a_device_that_is_not_there_is_named(device):
    with pytest.raises(MissingRequirementError, match=f"no device {device} here"):
        load_model(GOLDEN / "tiny-v1", device=device)


@pytest.mark.parametrize("asked", [{"device": "gpu"}, {"device": "cpu", "dtype": "int3"}])
def test_a_device_or_dtype_that_does_not_exist_is_a_usage_error(asked):
    with pytest.raises(UsageError, match="is called"):
        load_model(GOLDEN / "tiny-v1", **asked)
