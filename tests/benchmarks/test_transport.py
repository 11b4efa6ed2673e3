"""Transport and alignment beside their peers, as ratios of processor time in the same run. Nothing here fails on time:

    python -m pytest tests/benchmarks/test_transport.py -m benchmark -s

Every solver runs until its mean error of the regularised objective is below TARGET of the median cost, so that none
is asked for more than another: ours with a smaller and smaller tolerance, POT with more and more iterations. POT's
loops run on the first LOOPED problems and are counted per problem.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pytest

from core.transport.ragged import chunks_of, solve_ragged
from tests.support.late import COLLECTING
from tests.support.peers import peer

if not COLLECTING:
    import ot
    import torch

    from core.transport.plans import ground_cost, lower_median

PROBLEMS, LOOPED = 1000, 100
TARGET = 1e-4
ITERATIONS = (5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560)


@pytest.fixture(scope="module")
def problems():
    """Cosine costs between clouds of 8 to 64 points and noisy copies of part of them, as translations are."""
    random = np.random.default_rng(0)
    costs = []
    for _ in range(PROBLEMS):
        n, m = random.integers(8, 65, 2)
        x = random.normal(size=(n, 48)) + 0.7
        y = x[random.integers(0, n, m)] + 0.6 * random.normal(size=(m, 48))
        costs.append(ground_cost(x, y).astype(np.float32))
    a, b = ([np.full(c.shape[side], 1 / c.shape[side]) for c in costs] for side in (0, 1))
    return costs, a, b, np.array([0.05 * lower_median(c) for c in costs])


def objective(plan, cost, a, b, eps, rho=None):
    reference = np.outer(a, b)
    kl = (plan * np.log(np.maximum(plan, 1e-300) / reference)).sum() - plan.sum() + reference.sum()
    value = (plan * cost).sum() + eps * kl
    if rho is not None:
        for made, wanted in ((plan.sum(1), a), (plan.sum(0), b)):
            value += rho * ((made * np.log(np.maximum(made, 1e-300) / wanted)).sum() - made.sum() + wanted.sum())
    return value


def error(plans, problems, best, rho=None):
    costs, a, b, eps = problems
    found = [
        abs(objective(np.asarray(p, np.float64), costs[k], a[k], b[k], eps[k], None if rho is None else rho[k])
            - best[k]) / (20 * eps[k])
        for k, p in enumerate(plans)
    ]  # fmt: skip
    return float(np.mean(found))


def until_good(run: Callable[[float], list], settings, problems, best, rho=None):
    """Seconds of the first setting whose error is below the target, that error, and the setting."""
    for setting in settings:
        begun = time.process_time()
        plans = run(setting)
        seconds = time.process_time() - begun
        reached = error(plans, problems, best, rho)
        if reached < TARGET:
            break
    return seconds, reached, setting


def truth(problems, rho=None):
    costs, a, b, eps = problems
    solved = solve_ragged([c.astype(np.float64) for c in costs], a, b, eps, rho=rho, tolerance=1e-7,
                          max_iterations=3_000)  # fmt: skip
    assert solved.residual.mean() < 1e-6
    return solved.objective


def ours(problems, rho=None, threads=1):
    costs, a, b, eps = problems
    return lambda tolerance: (
        solve_ragged(costs, a, b, eps, rho=rho, tolerance=tolerance, max_iterations=20_000, threads=threads).plans
    )


def solve_batch(problems):
    costs, a, b, eps = problems
    n, m = max(c.shape[0] for c in costs), max(c.shape[1] for c in costs)
    cost = torch.zeros(len(costs), n, m)
    left, right = torch.zeros(len(costs), n), torch.zeros(len(costs), m)
    for k, c in enumerate(costs):
        cost[k, : c.shape[0], : c.shape[1]] = torch.from_numpy(c / (20 * eps[k]).astype(np.float32))
        left[k, : c.shape[0]], right[k, : c.shape[1]] = torch.from_numpy(a[k]), torch.from_numpy(b[k])

    def run(iterations):
        made = ot.solve_batch(
            cost, 0.05, left, right, max_iter=int(iterations), tol=0.0, method="log_sinkhorn", grad="detach"
        ).plan
        return [made[k, : c.shape[0], : c.shape[1]].numpy() for k, c in enumerate(costs)]

    return run


def in_buckets(problems, solve):
    """Plans of all problems by `solve(cost, left, right, iterations)` over padded buckets of similar size, which is how
    an expert would call a batched solver; padding has no mass. The arrays are made before
    the clock runs."""
    costs, a, b, eps = problems
    buckets = []
    for members in chunks_of([c.shape for c in costs]):
        n, m = (max(costs[k].shape[side] for k in members) for side in (0, 1))
        cost = np.zeros((len(members), n, m), np.float32)
        left, right = np.zeros((len(members), n), np.float32), np.zeros((len(members), m), np.float32)
        for row, k in enumerate(members):
            rows, columns = costs[k].shape
            cost[row, :rows, :columns] = costs[k] / (20 * eps[k])
            left[row, :rows], right[row, :columns] = a[k], b[k]
        buckets.append((members, cost, left, right))

    def run(iterations):
        plans = [None] * len(costs)
        for members, cost, left, right in buckets:
            for k, plan in zip(members, solve(cost, left, right, int(iterations)), strict=True):
                plans[k] = plan[: costs[k].shape[0], : costs[k].shape[1]]
        return plans

    return run


def pot_sinkhorn(cost, left, right, iterations):
    given = (torch.from_numpy(each) for each in (left, right))
    return ot.solve_batch(
        torch.from_numpy(cost), 0.05, *given, max_iter=iterations, tol=0.0, method="sinkhorn", grad="detach"
    ).plan.numpy()  # fmt: skip


def plain_kernel(cost, left, right, iterations):
    """Sinkhorn-Knopp in a few lines of numpy, without any care for small regularisation or convergence."""
    kernel = np.exp(-20 * cost)
    u, v = np.ones_like(left)[:, None, :], np.ones_like(right)[:, :, None]
    for _ in range(iterations):
        u = np.where(left > 0, left / np.maximum((kernel @ v)[:, :, 0], 1e-30), 0)[:, None, :]
        v = np.where(right > 0, right / np.maximum((u @ kernel)[:, 0], 1e-30), 0)[:, :, None]
    return u.transpose(0, 2, 1) * kernel * v.transpose(0, 2, 1)


TOLERANCES = (1e-1, 3e-2, 1e-2, 3e-3, 1e-3, 3e-4, 1e-4)


@pytest.mark.benchmark
def test_balanced_beside_pot(problems, capsys):
    costs, a, b, eps = problems
    best = truth(problems)
    lines = []
    few = tuple(part[:LOOPED] for part in problems)
    for threads in (1, 2):
        torch.set_num_threads(threads)
        begun = time.perf_counter()
        mine, reached, tolerance = until_good(ours(problems, threads=threads), TOLERANCES, problems, best)
        wall = time.perf_counter() - begun
        batch = until_good(solve_batch(problems), ITERATIONS, problems, best)
        fair = {
            "ot.solve_batch, method sinkhorn, in buckets": until_good(
                in_buckets(problems, pot_sinkhorn), ITERATIONS, problems, best
            ),
            "a plain kernel in numpy, in buckets": until_good(
                in_buckets(problems, plain_kernel), ITERATIONS, problems, best
            ),
        }
        lines.append(
            f"{threads} thread(s): ours {1000 * mine:8.1f} ms (tolerance {tolerance:g}, error {reached:.1e}, all tries "
            f"{wall:.2f} s by the clock)   ot.solve_batch {batch[0] / mine:6.1f} times ours ({batch[2]} iterations, "
            f"error {batch[1]:.1e})"
        )
        lines += [
            f"  {name} {seconds / mine:6.2f} times ours ({iterations} iterations, error {gap:.1e})"
            for name, (seconds, gap, iterations) in fair.items()
        ]
        if threads == 1:
            loop = until_good(
                lambda count: [
                    ot.sinkhorn(a[k], b[k], costs[k], eps[k], numItermax=int(count), stopThr=0.0, warn=False)
                    for k in range(LOOPED)
                ],
                ITERATIONS, few, best,
            )  # fmt: skip
            lines.append(
                f"  loop of ot.sinkhorn {loop[0] / LOOPED * PROBLEMS / mine:6.1f} times ours ({loop[2]} iterations, "
                f"error {loop[1]:.1e})"
            )
            lines.append("  " + bound(problems, tolerance, mine))
    torch.set_num_threads(1)
    assert reached < TARGET
    with capsys.disabled():
        print("\n" + "\n".join(lines))


def bound(problems, tolerance, seconds):
    """What the two products of each iteration alone would take: kernels of the same chunks, read twice an iteration."""
    costs, a, b, eps = problems
    iterations = solve_ragged(costs, a, b, eps, tolerance=tolerance, max_iterations=20_000).iterations
    shapes = [c.shape for c in costs]
    spent = padded = real = 0.0
    for members in chunks_of(shapes):
        rows, columns = (max(shapes[k][side] for k in members) for side in (0, 1))
        kernel = np.ones((len(members), rows, columns), np.float32)
        u, v = np.ones((len(members), 1, rows), np.float32), np.ones((len(members), columns, 1), np.float32)
        np.matmul(kernel, v)
        begun = time.process_time()
        for _ in range(5):
            np.matmul(kernel, v)
            np.matmul(u, kernel)
        # A chunk shrinks as problems leave it, so each problem counts its own iterations.
        spent += (time.process_time() - begun) / 5 * iterations[members].mean()
        padded += kernel.size
        real += sum(shapes[k][0] * shapes[k][1] for k in members)
    cells = real * 2 * iterations.mean()
    begun = time.process_time()
    np.exp(np.zeros(1_000_000, np.float32))
    exponentials = (time.process_time() - begun) / 1e6 * padded
    return (
        f"bound: {iterations.mean():.0f} iterations a problem; the products alone {1000 * spent:.1f} ms "
        f"({4 * cells / spent / 1e9:.1f} GB/s of kernel), {100 * spent / seconds:.0f} % of the time; one exponential "
        f"a cell {1000 * exponentials:.1f} ms; padding adds {100 * (padded / real - 1):.0f} % of cells"
    )


@pytest.mark.benchmark
def test_unbalanced_beside_pot(problems, capsys):
    costs, a, b, eps = problems
    rho = 20 * eps  # the median cost
    best = truth(problems, rho)
    mine, reached, tolerance = until_good(ours(problems, rho), TOLERANCES, problems, best, rho)
    few = tuple(part[:LOOPED] for part in problems)
    loop = until_good(
        lambda count: [
            ot.unbalanced.sinkhorn_unbalanced(
                a[k], b[k], costs[k], eps[k], rho[k], reg_type="kl", c=np.outer(a[k], b[k]),
                numItermax=int(count), stopThr=0.0,
            )
            for k in range(LOOPED)
        ],
        ITERATIONS, few, best, rho,
    )  # fmt: skip
    assert reached < TARGET
    with capsys.disabled():
        print(
            f"\nunbalanced: ours {1000 * mine:.1f} ms (tolerance {tolerance:g}, error {reached:.1e})   loop of "
            f"ot.unbalanced.sinkhorn_unbalanced {loop[0] / LOOPED * PROBLEMS / mine:.1f} times ours ({loop[2]} "
            f"iterations, error {loop[1]:.1e})"
        )


@pytest.mark.benchmark
def test_the_pipeline_beside_simalign(encoder, tmp_path_factory, capsys):
    """Words in, links out: encoding, similarities or plans, links; the same weights at the same layer."""
    SentenceAligner = peer("simalign").SentenceAligner

    from core.alignment.defaults import chosen_settings
    from core.alignment.linking import link_pairs
    from core.alignment.word_links import layer_of
    from core.data.catalog import starter_catalog

    catalog = starter_catalog()
    pairs = [
        (source.split(), target.split())
        for language in ("de", "fr", "ru", "sw")
        for source, target in catalog.retrieval(language).pairs[:10]
    ]
    folder = str(tmp_path_factory.mktemp("weights"))
    encoder.model.save_pretrained(folder)
    encoder.tokenizer.save_pretrained(folder)
    settings = chosen_settings()
    aligner = SentenceAligner(folder, token_type="bpe", matching_methods="mai", layer=layer_of(encoder, settings))
    link_pairs(encoder, pairs[:2], settings)
    aligner.get_word_aligns(*pairs[0])
    lines = []
    for threads in (1, 2):
        torch.set_num_threads(threads)
        begun = time.process_time()
        link_pairs(encoder, pairs, settings)
        mine = time.process_time() - begun
        begun = time.process_time()
        for source, target in pairs:
            aligner.get_word_aligns(source, target)
        theirs = time.process_time() - begun
        lines.append(
            f"{threads} thread(s): align {len(pairs) / mine:6.1f} pairs a second, simalign {len(pairs) / theirs:6.1f}; "
            f"{theirs / mine:.1f} times"
        )
    torch.set_num_threads(1)
    with capsys.disabled():
        print("\n" + "\n".join(lines))
