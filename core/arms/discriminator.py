"""The small network that an encoder is trained against: a discriminator of languages, or a critic."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn

from core.model.optimiser import load_optimiser_state, optimiser_state


class Discriminator(nn.Sequential):
    """Two linear maps with a nonlinearity between them, over states [N, width], and the optimiser that trains them.

    Initial weights depend on `seed` alone. With `spectral` each map is divided by its largest singular value, so that
    no output changes faster than the states do (spectral normalisation, Miyato et al., arXiv 1802.05957, which follows
    that value by one step of power iteration an update; here it is computed, so that a checkpoint needs no more state).
    """

    def __init__(
        self, width: int, hidden: int, outputs: int, seed: int, activation: nn.Module | None = None, *,
        spectral: bool = False,
    ) -> None:  # fmt: skip
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            layers = (nn.Linear(width, hidden), activation or nn.GELU(), nn.Linear(hidden, outputs))
        super().__init__(*layers)
        self.spectral = spectral
        self.outputs = outputs
        self.optimiser: torch.optim.Optimizer | None = None

    def trained_by(self, optimiser: torch.optim.Optimizer) -> Discriminator:
        """Itself, with the optimiser of its parameters."""
        self.optimiser = optimiser
        return self

    def forward(self, states: Tensor) -> Tensor:
        """Outputs [N, outputs], with gradient to states and weights."""
        return self._apply_weights(states, dict(self.named_parameters()))

    def fixed(self, states: Tensor) -> Tensor:
        """The same outputs with gradient to the states alone: what the encoder is trained by."""
        return self._apply_weights(states, {name: p.detach() for name, p in self.named_parameters()})

    def _apply_weights(self, states: Tensor, weights: Mapping[str, Tensor]) -> Tensor:
        first, last = weights["0.weight"], weights["2.weight"]
        if self.spectral:
            first, last = unit_norm(first), unit_norm(last)
        hidden = self[1](nn.functional.linear(states, first, weights["0.bias"]))
        return nn.functional.linear(hidden, last, weights["2.bias"])

    def learn(self, loss_of: Callable[[], Tensor]) -> Tensor:
        """One update of its own weights by the loss, which is given back without gradient."""
        assert self.optimiser is not None
        with torch.enable_grad():
            loss = loss_of()
            self.optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
        self.optimiser.step()
        return loss.detach()

    def moments(self) -> dict[str, Tensor]:
        """The optimiser's state, for a checkpoint."""
        assert self.optimiser is not None
        return optimiser_state(self.optimiser)

    def load_moments(self, state: dict[str, Tensor]) -> None:
        """Put back what `moments` gave."""
        assert self.optimiser is not None
        load_optimiser_state(self.optimiser, state)


def unit_norm(weight: Tensor) -> Tensor:
    """A matrix over its largest singular value, whose gradient is u v^T of the pair of singular vectors."""
    with torch.no_grad():
        # The rows are fewer than the columns: their products' leading eigenvector is u.
        u = torch.linalg.eigh(weight @ weight.T).eigenvectors[:, -1]
        v = nn.functional.normalize(u @ weight, dim=0)
    unit: Tensor = weight / (u @ weight @ v).clamp_min(1e-12)
    return unit


def learn_languages(discriminator: Discriminator, states: Tensor, language: Tensor, steps: int) -> dict[str, float]:
    """`steps` updates that make it name the languages better; every language weighs the same, however many sentences it
    has in the batch.

    states [N, d] without gradient, language [N] (0 is English) below the number of outputs. Gives the last loss, and
    the accuracy (x100) before the first update.
    """
    counts = torch.bincount(language, minlength=discriminator.outputs).clamp_min(1)
    weight = counts.sum() / (len(counts) * counts.float())
    with torch.no_grad():
        right = (discriminator(states).argmax(-1) == language).float()
    for _ in range(steps):
        loss = discriminator.learn(lambda: nn.functional.cross_entropy(discriminator(states), language, weight=weight))
    return {
        "discriminator_loss": float(loss),
        "discriminator_accuracy": 100.0 * float((right * weight[language]).sum() / weight[language].sum()),
    }
