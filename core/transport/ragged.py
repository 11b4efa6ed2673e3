"""Sinkhorn over many problems of unequal sizes, each stopping when it has converged.

The problem is that of `core.transport.sinkhorn`, in the log domain there and by scaling here: with the potentials
absorbed into a kernel K = exp((f + g - C) / eps), an iteration is two products of K with a vector,

    u = (K (b v))^-1    v = (K' (a u))^-1        P = a u K v b

which costs no exponential. u and v are absorbed into f and g, and K made again, before they leave the range of
the number format [Schmitzer 2019, SIAM J. Sci. Comput. 41(3), algorithm 2]; soft marginals raise both to
rho / (rho + eps) [Chizat et al. 2018, Math. Comp. 87, section 4]. Problems of similar size share a padded chunk that
stays in the processor's cache; those that have converged leave it.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import BadInput

Array = NDArray[Any]

_CHUNK_CELLS = 1 << 17  # padded cells of a chunk
_CHECK = 6  # iterations between looks at the residual
_GONE = 0.2  # a chunk is packed anew when this share of it has converged
#: The first stage's exponents reach at most this far below 0, and scalings this far from 1 in logarithm.
_DEPTH = {np.dtype(np.float64): 200.0, np.dtype(np.float32): 25.0}
_FAR = 1e30  # the cost of a column without mass
_STAGE = 4.0  # eps falls by this factor from stage to stage
_STAGE_ITERATIONS = 6


@dataclass(frozen=True)
class RaggedSolution:
    """Plans [n, m] and potentials f [n], g [m] of N problems, and what was reached, each [N] in float64.

    objective is the regularised objective at the dual potentials, cost <P, C>, entropy that of P as a share of
    its maximum (of a b^T), residual and iterations as in `core.transport.sinkhorn.Solution`, but of each problem.
    """

    plans: list[Array]
    f: list[Array]
    g: list[Array]
    objective: NDArray[np.float64]
    cost: NDArray[np.float64]
    entropy: NDArray[np.float64]
    residual: NDArray[np.float64]
    iterations: NDArray[np.int64]


def solve_ragged(
    costs: Sequence[Array], a: Sequence[Array], b: Sequence[Array], epsilon: float | Array, *,
    rho: float | Array | None = None, tolerance: float = 1e-4, max_iterations: int = 5000, threads: int = 1,
) -> RaggedSolution:  # fmt: skip
    """Solve problems costs[k] [n_k, m_k] with positive marginals a[k] [n_k] and b[k] [m_k].

    epsilon > 0 and rho (None: hard marginals) are numbers or one a problem. Computed in the format of the
    costs, float32 or float64. `tolerance` is the L1 distance of P1 from a, or with soft marginals the largest
    change of f / eps in an iteration. Raises ValueError for an epsilon or a rho that is not positive, `BadInput` for
    a cost or a mass that is infinite or not a number, which no iteration would ever bring to an end.
    """
    count = len(costs)
    dtype = np.result_type(np.float32, *{np.asarray(c).dtype for c in costs}) if count else np.dtype(np.float64)
    dtype = np.dtype(np.float32) if dtype == np.float32 else np.dtype(np.float64)
    eps = np.broadcast_to(np.asarray(epsilon, np.float64), (count,))
    soft = None if rho is None else np.broadcast_to(np.asarray(rho, np.float64), (count,))
    if not (eps > 0).all() or (soft is not None and not (soft > 0).all()):
        raise ValueError("epsilon and rho must be positive")
    if not np.isfinite(eps).all() or (soft is not None and not np.isfinite(soft).all()):
        raise BadInput("The regularisation or the price of mass that stays is infinite; give a finite number.")
    for name, arrays in (("cost", costs), ("source mass", a), ("target mass", b)):
        check_finite(name, arrays)
    into = _Results(count)

    def work(members: NDArray[np.int64]) -> None:
        rows = max(costs[k].shape[0] for k in members)
        columns = max(costs[k].shape[1] for k in members)
        cost = np.zeros((len(members), rows, columns), dtype)
        left, right = np.zeros((len(members), rows), dtype), np.zeros((len(members), columns), dtype)
        for at, k in enumerate(members):
            n, m = costs[k].shape
            cost[at, :n, :m], left[at, :n], right[at, :m] = costs[k], a[k], b[k]
        sizes = [costs[k].shape for k in members]
        chunk = _Chunk(cost, left, right, eps[members].astype(dtype),
                       None if soft is None else soft[members].astype(dtype), members, sizes)  # fmt: skip
        with np.errstate(under="ignore"):
            chunk.solve(into, tolerance, max_iterations)

    groups = chunks_of([c.shape for c in costs])
    if threads > 1:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(work, groups))
    else:
        for members in groups:
            work(members)
    return into.solution()


def check_finite(name: str, arrays: Sequence[Array]) -> None:
    """Raise `BadInput` that names the first problem whose `name` (cost, mass) is infinite or not a number."""
    for k, values in enumerate(arrays):
        if not np.isfinite(values).all():
            wrong = "NaN" if np.isnan(values).any() else "infinite"
            raise BadInput(
                f"The {name} of problem {k + 1} is {wrong} in {int((~np.isfinite(values)).sum())} places; transport "
                "needs finite numbers, and a pair that may not be linked a large finite cost."
            )


def chunks_of(shapes: Sequence[tuple[int, ...]], cells: int = _CHUNK_CELLS) -> list[NDArray[np.int64]]:
    """Indices of problems in groups of similar height and width, each of at most about `cells` padded cells."""
    if not shapes:
        return []
    sizes = np.array(shapes, np.int64).reshape(-1, 2)
    by_rows = np.lexsort((sizes[:, 1], sizes[:, 0]))
    strips = max(1, round(np.sqrt(sizes.prod(1).sum() / cells)))
    groups = []
    for strip in np.array_split(by_rows, strips):
        by_columns = strip[np.argsort(sizes[strip, 1], kind="stable")[::-1]]
        start = 0
        while start < len(by_columns):
            height, width = sizes[by_columns[start:], 0].max(), sizes[by_columns[start], 1]
            take = max(1, cells // max(1, int(height * width)))
            groups.append(by_columns[start : start + take])
            start += take
    return groups


class _Results:
    def __init__(self, count: int) -> None:
        self.plans: list[Array] = [np.empty((0, 0))] * count
        self.f: list[Array] = [np.empty(0)] * count
        self.g: list[Array] = [np.empty(0)] * count
        self.numbers = np.zeros((4, count))
        self.iterations = np.zeros(count, np.int64)

    def solution(self) -> RaggedSolution:
        objective, cost, entropy, residual = self.numbers
        return RaggedSolution(self.plans, self.f, self.g, objective, cost, entropy, residual, self.iterations)


class _Chunk:
    """Padded problems that are solved together; every array is cut down as problems leave."""

    def __init__(
        self, cost: Array, a: Array, b: Array, eps: Array, rho: Array | None, members: NDArray[np.int64],
        sizes: list[tuple[int, ...]],
    ) -> None:  # fmt: skip
        self.cost, self.a, self.b, self.eps, self.rho = cost, a, b, eps, rho
        self.members, self.sizes = members, sizes
        self.depth = _DEPTH[cost.dtype]
        self.largest = cost.max((1, 2))
        # A column without mass has no kernel and so a product of 0: 1 is added there, so that nothing is divided by 0.
        self.empty = (b == 0).astype(b.dtype)
        self.cost += _FAR * self.empty[:, None, :]
        self.f, self.g = np.zeros_like(a), np.zeros_like(b)
        self.u, self.v = np.ones_like(a), np.ones_like(b)
        self.iterations = np.zeros(len(members), np.int64)

    def solve(self, into: _Results, tolerance: float, max_iterations: int) -> None:
        stage = np.maximum(self.eps, self.largest / self.depth)
        while (stage > self.eps).any():
            self._absorb(stage)
            for _ in range(_STAGE_ITERATIONS):
                self._step()
            self.iterations += _STAGE_ITERATIONS
            self._keep_scalings(stage)
            stage = np.maximum(self.eps, stage / _STAGE)
        self._absorb(self.eps)
        while len(self.members):
            for _ in range(_CHECK):
                self._step()
            self.iterations += _CHECK
            if self.rho is not None:
                self._translate()
            residual, product = self._residual()
            done = (residual < tolerance) | (self.iterations >= max_iterations) | ~np.isfinite(residual)
            if done.all() or done.mean() >= _GONE:
                self._finish(done, residual, into)
                product = product[~done]
            self._step(product)
            self.iterations += 1
            self._guard()

    def _absorb(self, eps: Array) -> None:
        """The kernel at potential g and a regularisation, with f updated in the log domain and scalings of 1.

        A kernel whose rows were just updated cannot overflow, however sharp the new regularisation is.
        """
        kernel = self.g[:, None, :] - self.cost
        kernel /= eps[:, None, None]
        highest = kernel.max(2)
        kernel -= highest[:, :, None]
        np.exp(kernel, out=kernel)
        reach = highest + np.log(np.matmul(kernel, self.b[:, :, None])[:, :, 0])
        if self.rho is not None:
            self.power = (self.rho / (self.rho + eps))[:, None]
        potential = -reach if self.rho is None else -self.power * reach
        kernel *= np.exp(potential + highest)[:, :, None]
        self.kernel, self.f = kernel, potential * eps[:, None]
        self.u, self.v = np.ones_like(self.a), np.ones_like(self.b)
        if self.rho is not None:
            self.lift_f = np.exp((self.power - 1) * potential)
            self.lift_g = np.exp((self.power - 1) * self.g / eps[:, None])

    def _keep_scalings(self, eps: Array) -> None:
        self.f += eps[:, None] * np.log(self.u)
        self.g += eps[:, None] * np.log(self.v)

    def _rows(self) -> Array:
        product: Array = np.matmul(self.kernel, (self.b * self.v)[:, :, None])[:, :, 0]
        return product

    def _step(self, product: Array | None = None) -> None:
        product = self._rows() if product is None else product
        self.u = 1 / product if self.rho is None else self.lift_f * np.exp(-self.power * np.log(product))
        product = np.matmul((self.a * self.u)[:, None, :], self.kernel)[:, 0] + self.empty
        self.v = 1 / product if self.rho is None else self.lift_g * np.exp(-self.power * np.log(product))

    def _residual(self) -> tuple[Array, Array]:
        """The residual [B], and the product it was read from, with which the next iteration begins."""
        product = self._rows()
        if self.rho is None:
            return (self.a * np.abs(self.u * product - 1)).sum(1), product
        change = np.abs(np.log(self.lift_f / self.u) - self.power * np.log(product))
        return np.where(self.a > 0, change, 0).max(1), product

    def _translate(self) -> None:
        """Move the potentials to f + t, g - t with the t that is best: with a large rho iterations hardly move it.

        The plan stays [Sejourne, Vialard and Peyre 2022, AISTATS, section 3].
        """
        assert self.rho is not None
        wide, eps = self.rho[:, None], self.eps[:, None]
        left = (self.a * np.exp(-(self.f + eps * np.log(self.u)) / wide)).sum(1)
        right = (self.b * np.exp(-(self.g + eps * np.log(self.v)) / wide)).sum(1)
        step = np.exp(self.rho / (2 * self.eps) * np.log(left / right))[:, None]
        self.u, self.v = self.u * step, self.v / step

    def _guard(self) -> None:
        """Absorb the scalings of the whole chunk before one of them leaves the safe range."""
        if not len(self.members):
            return
        limit = np.exp(self.depth)
        both = (self.u, self.v)
        if max(x.max() for x in both) > limit or min(x.min() for x in both) < 1 / limit:
            self._keep_scalings(self.eps)
            self._absorb(self.eps)

    def _finish(self, done: NDArray[np.bool_], residual: Array, into: _Results) -> None:
        """Write the problems that are done, all at once, and cut every array down to the others."""
        gone = np.nonzero(done)[0]
        a, b, u, v = (x[gone] for x in (self.a, self.b, self.u, self.v))
        plan = self.kernel[gone]
        plan *= (a * u)[:, :, None]
        plan *= (b * v)[:, None, :]
        eps = self.eps[gone].astype(np.float64)
        f = self.f[gone] + eps[:, None] * np.log(u, dtype=np.float64)
        g = self.g[gone] + eps[:, None] * np.log(v, dtype=np.float64)
        rows, columns = plan.sum(2, dtype=np.float64), plan.sum(1, dtype=np.float64)
        cost = np.einsum("bij,bij->b", plan, self.cost[gone], dtype=np.float64)
        mass, whole = rows.sum(1), a.sum(1, dtype=np.float64) * b.sum(1, dtype=np.float64)
        if self.rho is None:
            dual = (f * a).sum(1) + (g * b).sum(1)
        else:
            rho = self.rho[gone].astype(np.float64)
            left, right = (a * -np.expm1(-f / rho[:, None])).sum(1), (b * -np.expm1(-g / rho[:, None])).sum(1)
            dual = rho * (left + right)
        # sum P log P from the potentials, of which log P is made: no logarithm of a whole plan.
        log_a, log_b = (np.log(np.where(x > 0, x, 1), dtype=np.float64) for x in (a, b))
        negative = ((f * rows).sum(1) + (g * columns).sum(1) - cost) / eps
        negative += (rows * log_a).sum(1) + (columns * log_b).sum(1)
        highest = -((a * log_a).sum(1) + (b * log_b).sum(1))
        some = np.maximum(mass, 1e-300)
        share = np.where((highest > 1e-9) & (mass > 0), (np.log(some) - negative / some) / highest.clip(1e-9), 0.0)
        members = self.members[gone]
        into.numbers[:, members] = dual - eps * (mass - whole), cost, share, residual[gone]
        into.iterations[members] = self.iterations[gone]
        for at, (k, one) in enumerate(zip(members, gone, strict=True)):
            n, m = self.sizes[one]
            into.plans[k], into.f[k], into.g[k] = plan[at, :n, :m].copy(), f[at, :n], g[at, :m]
        keep = ~done
        names = ["cost", "a", "b", "eps", "members", "empty", "f", "g", "u", "v", "kernel", "iterations"]
        if self.rho is not None:
            names += ["rho", "power", "lift_f", "lift_g"]
        for name in names:
            setattr(self, name, getattr(self, name)[keep])
        self.sizes = [size for size, stays in zip(self.sizes, keep, strict=True) if stays]
