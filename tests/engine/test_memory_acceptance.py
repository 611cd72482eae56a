"""A plan that has seen one context predicts another: loads in processes of their own, part of ``make acceptance``."""

from __future__ import annotations

import pytest

from tests.benchmarks.memory_plan import main


@pytest.mark.acceptance
@pytest.mark.timeout(3600)
def test_after_one_measurement_another_context_is_predicted_within_five_percent() -> None:
    ratios = {one.case: one.after / one.peak for one in main()}
    assert all(0.95 <= ratio <= 1.05 for ratio in ratios.values()), ratios
