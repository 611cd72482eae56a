"""int8: the worked numbers of the definition, and that nothing ever turns a whole weight back into floating point."""

from __future__ import annotations

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from inference_worker.engine import Sampling, load_model
from inference_worker.engine.kernels import block_rows, choose_kernel, cpu, fallback
from inference_worker.engine.quantize.linear import QuantizedEmbedding, QuantizedLinear, QuantizedWeight
from inference_worker.engine.quantize.schemes import Absmax, scheme_for


def test_absmax_gives_the_worked_numbers() -> None:
    parts = Absmax().quantize(torch.tensor([[2.1, 3.1, 2.5, 3.7, 3.3]]))
    assert parts["weight"].tolist() == [[72, 106, 86, 127, 113]]
    back = Absmax().dequantize(parts)[0].tolist()
    assert back == pytest.approx([2.0976, 3.0882, 2.5055, 3.7000, 3.2921], abs=5e-5)


def test_each_row_has_its_own_scale() -> None:
    parts = Absmax().quantize(torch.tensor([[1.0, -2.0], [-400.0, 100.0]]))
    assert parts["weight"].tolist() == [[64, -127], [-127, 32]]
    assert parts["scale"].tolist() == pytest.approx([2 / 127, 400 / 127])


def test_rows_of_zeros_and_of_denormals_become_zero() -> None:
    parts = Absmax().quantize(torch.tensor([[0.0, 0.0], [1e-42, -1e-42]]))
    assert parts["weight"].tolist() == [[0, 0], [0, 0]]
    assert Absmax().dequantize(parts).abs().max() < 1e-40


def test_the_error_is_at_most_half_a_step() -> None:
    weight = torch.randn(64, 48)
    parts = Absmax().quantize(weight)
    assert ((Absmax().dequantize(parts) - weight).abs() <= parts["scale"].unsqueeze(1) * 0.5001).all()


@pytest.mark.parametrize("rows", [1, 2, 63, 500])
@pytest.mark.parametrize("tokens", [1, 7])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
def test_kernels_agree_with_the_dequantized_product(rows: int, tokens: int, dtype: torch.dtype) -> None:
    torch.manual_seed(0)
    parts = Absmax().quantize(torch.randn(rows, 256))
    x = torch.randn(tokens, 256).to(dtype)
    exact = x.float() @ Absmax().dequantize(parts).t()
    kernels = [fallback.make_int8_kernel(torch.device("cpu"), dtype)]
    if dtype == torch.float32:
        kernels.append(cpu.make_int8_kernel())
    tolerance = 1e-4 if dtype == torch.float32 else 0.5
    for kernel in kernels:
        assert kernel(x, parts).dtype == dtype
        assert (kernel(x, parts).float() - exact).abs().max() < tolerance


def test_a_row_longer_than_the_scratch_still_works() -> None:
    parts = Absmax().quantize(torch.randn(2, cpu.PREFILL_ELEMENTS + 8))
    x = torch.randn(3, cpu.PREFILL_ELEMENTS + 8)
    exact = x @ Absmax().dequantize(parts).t()
    assert torch.allclose(cpu.make_int8_kernel()(x, parts), exact, rtol=1e-3, atol=1e-1)


def test_floating_precisions_have_no_scheme() -> None:
    assert [scheme_for(precision) for precision in ("fp32", "bf16", "fp16")] == [None, None, None]


def test_blocks_never_cover_a_whole_matrix() -> None:
    assert block_rows(2, 8, 10**9) == 1
    assert block_rows(3000, 256, 10**9) == 1500
    assert block_rows(3000, 256, 32768) == 128
    assert block_rows(10, 10**9, 32768) == 1


def test_the_cpu_kernel_is_chosen_for_fp32_on_the_cpu_only() -> None:
    assert choose_kernel(Absmax(), torch.device("cpu"), torch.float32).__module__ == cpu.__name__
    assert choose_kernel(Absmax(), torch.device("cpu"), torch.bfloat16).__module__ == fallback.__name__


class _LargestFloat(TorchDispatchMode):
    """Remembers the largest floating tensor that any operation makes."""

    def __init__(self) -> None:
        super().__init__()
        self.largest = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        if isinstance(result, torch.Tensor) and result.is_floating_point():
            self.largest = max(self.largest, result.numel())
        return result


@pytest.mark.parametrize("family", ["glm", "llama"])
def test_no_whole_weight_exists_in_floating_point_during_decode(tiny, family: str) -> None:
    model = load_model(tiny(family).path, "int8", "cpu")
    watch, seen = _LargestFloat(), []

    def begin(*_: object) -> None:
        watch.largest = 0

    def end(module: QuantizedWeight, *_: object) -> None:
        seen.append(watch.largest / module.weight.numel())

    for module in model._decoder.model.modules():
        if isinstance(module, QuantizedWeight):
            module.register_forward_pre_hook(begin)
            module.register_forward_hook(end)
    with watch:
        list(model.generate([5, 6, 7], Sampling(temperature=0, max_tokens=4)))
    assert len(seen) > 40
    assert 0 < max(seen) <= 0.6


def test_int8_covers_every_linear_and_a_tied_embedding_shares_the_matrix_of_its_head(tiny) -> None:
    module = load_model(tiny("glm").path, "int8", "cpu")._decoder.model
    assert not [m for m in module.modules() if isinstance(m, torch.nn.Linear)]
    embedding = module.get_input_embeddings()
    assert isinstance(embedding, QuantizedEmbedding)
    assert embedding.weight is module.lm_head.weight


def test_an_untied_embedding_stays_floating(tiny) -> None:
    module = load_model(tiny("llama").path, "int8", "cpu")._decoder.model
    assert isinstance(module.get_input_embeddings(), torch.nn.Embedding)
    assert isinstance(module.lm_head, QuantizedLinear)


@pytest.mark.parametrize("family", ["llama", "qwen2", "glm"])
def test_int8_logits_are_those_of_the_dequantized_model(tiny, family: str) -> None:
    reference = type(tiny(family).reference)(tiny(family).reference.config).eval()
    reference.load_state_dict(tiny(family).reference.state_dict())
    with torch.no_grad():
        for module in reference.modules():
            if isinstance(module, torch.nn.Linear):
                module.weight.copy_(Absmax().dequantize(Absmax().quantize(module.weight)))
        ids = list(range(3, 40))
        expected = reference(torch.tensor([ids])).logits[0].numpy()
    assert abs(load_model(tiny(family).path, "int8", "cpu").logits(ids) - expected).max() < 2e-3
