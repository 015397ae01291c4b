"""Learning rate schedules: PyTorch's numbers, and what happens beyond the end."""

import pytest

from core.schedule import SCHEDULES, constant, cosine, one_cycle

# torch.optim.lr_scheduler.CosineAnnealingLR(T_max=6) and OneCycleLR(max_lr=1, total_steps=6).
TORCH = {
    "cosine": [1.0, 0.933012701892, 0.75, 0.5, 0.25, 0.066987298108],
    "one_cycle": [0.04, 0.994415435451, 0.81174565395, 0.462637102667, 0.133477530189, 4e-06],
}


@pytest.mark.parametrize("name", TORCH)
def test_the_shares_are_torchs(name):
    share = SCHEDULES[name](6)
    assert [share(step) for step in range(1, 7)] == pytest.approx(TORCH[name], rel=1e-9)


def test_constant_is_one():
    assert {constant(3)(step) for step in (1, 2, 3, 99)} == {1.0}


def test_beyond_the_end_nothing_rises_again():
    assert cosine(6)(7) == cosine(6)(1000) == pytest.approx(0.0, abs=1e-15)
    assert one_cycle(6)(1000) == one_cycle(6)(6)


@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.parametrize("total", [1, 2, 3])
def test_short_runs_have_shares_too(name, total):
    assert all(0.0 < SCHEDULES[name](total)(step) <= 1.0 for step in range(1, total + 1))


def test_one_cycle_reaches_the_full_rate_where_it_is_told():
    shares = [one_cycle(1000, pct_start=0.1)(step) for step in range(1, 1001)]
    assert max(shares) == shares[99] == 1.0


def test_wrong_numbers_are_a_sentence():
    for make in SCHEDULES.values():
        with pytest.raises(ValueError, match="at least one step, but got 0"):
            make(0)
    with pytest.raises(ValueError, match="pct_start between 0 and 1, but got 1"):
        one_cycle(10, pct_start=1)
