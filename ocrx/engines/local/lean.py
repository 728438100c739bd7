"""The same arithmetic in fewer kernels: the layers of a language model, rewritten in place.

A step of few rows takes as long as its kernels are many: some two microseconds each on a GPU, next
to which what they compute is little. Weights, order and meaning stay those of transformers; only
what is rounded in between differs, where two roundings became one. Which experts are multiplied
how is for ``experts``, where keys and values lie for ``slots``.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812 - its usual name

from ocrx.engines.local.slots import SlotCache


def make_lean(language_model: Any) -> None:
    """Rewrite a language model of transformers for inference; done once, however often called.

    From then on it changes the embeddings that it is given, and reads and writes a ``SlotCache``.
    Layer by layer, so that no more than one layer's joined weights are held twice.
    """
    if isinstance(language_model.norm, _Norm):
        return
    config = language_model.config
    language_model.rotary_emb = _Rotary(language_model.rotary_emb, config, language_model.norm)
    language_model.norm = _Norm(language_model.norm)
    for index, layer in enumerate(language_model.layers):
        language_model.layers[index] = _Layer(layer)


class _Norm(nn.Module):  # type: ignore[misc]  # torch is untyped
    """RMSNorm in one kernel, which rounds once: not before it scales, too."""

    def __init__(self, norm: Any) -> None:
        super().__init__()
        self.weight, self._eps = norm.weight, norm.variance_epsilon

    def forward(self, hidden: Any) -> Any:
        return F.rms_norm(hidden, self.weight.shape, self.weight, self._eps)


class _Rotary(nn.Module):  # type: ignore[misc]  # torch is untyped
    """Cosines and sines looked up: [positions, 2 * head_dim], sines of the first half negative.

    So signed, a rotation is x * cos + (x with its halves exchanged) * sin.
    """

    def __init__(self, rotary: Any, config: Any, like: Any) -> None:
        super().__init__()
        weight = like.weight
        every = torch.arange(config.max_position_embeddings, device=weight.device)
        cos, sin = rotary(weight, every[None])
        sin[..., : sin.shape[-1] // 2].neg_()
        self.register_buffer("_table", torch.cat((cos[0], sin[0]), dim=1), persistent=False)

    def forward(self, hidden: Any, position_ids: Any) -> Any:
        """Return [batch, positions, 2, 1, head_dim], to be broadcast over heads."""
        return F.embedding(position_ids, self._table).unflatten(-1, (2, 1, -1))


class _Attention(nn.Module):  # type: ignore[misc]  # torch is untyped
    """Queries, keys and values from one matrix, turned where they lie, and kept at one write."""

    def __init__(self, attention: Any) -> None:
        super().__init__()
        self._layer, self._scaling = attention.layer_idx, attention.scaling
        self._dim = attention.head_dim
        self._kv_heads = attention.k_proj.out_features // self._dim
        self._heads = attention.q_proj.out_features // self._dim
        parts = (attention.q_proj.weight, attention.k_proj.weight, attention.v_proj.weight)
        self.joined, self.out = _joined(*parts), attention.o_proj.weight

    def forward(self, hidden: Any, onto: Any, turns: Any, mask: Any, cache: SlotCache) -> None:
        """Add to ``onto`` [tokens, hidden] what ``hidden`` [batch, new, hidden] attends to."""
        states = F.linear(hidden, self.joined).unflatten(-1, (-1, self._dim))
        turned = states[:, :, : self._heads + self._kv_heads]
        halves = turned.unflatten(-1, (2, -1))
        exchanged = halves.flip(-2).flatten(-2)
        turned.mul_(turns[:, :, 0]).addcmul_(exchanged, turns[:, :, 1])
        new = states[:, :, self._heads :].unflatten(2, (2, self._kv_heads)).permute(0, 2, 3, 1, 4)
        keys, values = cache.exchange(self._layer, new)
        seen = F.scaled_dot_product_attention(
            states[:, :, : self._heads].transpose(1, 2),
            keys,
            values,
            attn_mask=mask,
            is_causal=mask is None,
            scale=self._scaling,
            enable_gqa=self._heads != self._kv_heads,
        )
        onto.addmm_(seen.transpose(1, 2).reshape(len(onto), -1), self.out.T)


class _Gated(nn.Module):  # type: ignore[misc]  # torch is untyped
    """A gated perceptron, its gate and what is gated from one matrix."""

    def __init__(self, mlp: Any) -> None:
        super().__init__()
        self.joined = _joined(mlp.gate_proj.weight, mlp.up_proj.weight)
        self.down = mlp.down_proj.weight

    def forward(self, hidden: Any, onto: Any) -> None:
        """Add to ``onto`` [tokens, hidden] what becomes of ``hidden``, of the same shape."""
        gate, up = F.linear(hidden, self.joined).chunk(2, dim=-1)
        onto.addmm_(F.silu(gate).mul_(up), self.down.T)


class _Router(nn.Module):  # type: ignore[misc]  # torch is untyped
    """Asks for experts; its weight is cast to the precision in which it asks once for all."""

    def __init__(self, router: Any) -> None:
        super().__init__()
        self.top_k = router.top_k
        self.weight = nn.Parameter(router.weight.float(), requires_grad=False)

    def forward(self, hidden: Any) -> Any:
        """Return shares and indices of experts, both [tokens, top_k]."""
        shares = F.linear(hidden.float(), self.weight).softmax(dim=-1)
        return shares.topk(self.top_k, dim=-1, sorted=False)


class _Sparse(nn.Module):  # type: ignore[misc]  # torch is untyped
    """The experts that a token asks for, and those that all share."""

    def __init__(self, moe: Any) -> None:
        super().__init__()
        self.gate, self.experts = _Router(moe.gate), moe.experts
        self.shared_experts = _Gated(moe.shared_experts)

    def forward(self, hidden: Any, onto: Any) -> None:
        """Add to ``onto`` [tokens, hidden] what becomes of ``hidden``, of the same shape."""
        shares, asked = self.gate(hidden)
        self.shared_experts(hidden, onto)
        onto.add_(self.experts(hidden, asked, shares))


class _Layer(nn.Module):  # type: ignore[misc]  # torch is untyped
    """A layer, with the signature of transformers' own; adds to the hidden states it is given."""

    def __init__(self, layer: Any) -> None:
        super().__init__()
        self._before, self._between = (
            _Norm(norm) for norm in (layer.input_layernorm, layer.post_attention_layernorm)
        )
        self.self_attn = _Attention(layer.self_attn)
        self.mlp = (_Sparse if hasattr(layer.mlp, "experts") else _Gated)(layer.mlp)

    def forward(
        self,
        hidden_states: Any,
        attention_mask: Any,
        position_embeddings: Any,
        past_key_values: SlotCache,
        **_: Any,
    ) -> Any:
        """Return ``hidden_states`` [batch, new, hidden], changed."""
        onto = hidden_states.view(-1, hidden_states.shape[-1])  # never a copy
        states = self._before(hidden_states)
        self.self_attn(states, onto, position_embeddings, attention_mask, past_key_values)
        self.mlp(self._between(onto), onto)
        return hidden_states


def _joined(*weights: Any) -> Any:
    return nn.Parameter(torch.cat(weights), requires_grad=False)
