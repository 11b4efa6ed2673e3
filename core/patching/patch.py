"""Transport patching: would the answer recover if the target-language tokens had the English tokens' states?

An NLI item is read in a target language and in English. At layer k every chosen target token's state is replaced by
its barycentric projection onto the English states through the transport plan P between the two readings,

    x_i  ->  sum_j P_ij y_j / sum_j P_ij                     (Ferradans et al., SIAM J. Imaging Sciences 2014),

and the layers above k run again: an intervention, as in activation patching (Vig et al., NeurIPS 2020), with the plan
in the place of a word-by-word correspondence, which two languages do not have. A prediction that recovers says little
by itself, since any English states, any map in the order of the words or any translation may do as much: the controls
of `core.patching.controls` say what is left.

The control moves as much, to the wrong place: the plan's columns are shuffled, so that each token gets as sharp a
mixture of the same English states, in a random correspondence. Its entropy is that of the plan itself, and so are its
marginals where they are uniform. Because the model pools by the mean, at the last layer every balanced plan gives the
same pooled state: there, patching everything cannot differ from its control. Premise and hypothesis are transported
apart; special tokens are never replaced.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.encoder.encoder import Encoder
from core.errors import BadInput
from core.model.batches import collate_pairs, encode_pairs
from core.model.nli import NLIModel, PairBatch, pooled
from core.reading.blocks import Upper, blocks_path
from core.transport.plans import PlanSettings, token_plans

TextPair = tuple[str, str]
#: Sequences that run through the upper layers at once.
_BATCH = 64


@dataclass(frozen=True)
class Reading:
    """A pair as the model reads it: its batch of one, token texts, `part` [n] and all states [layers + 1, n, d].

    part is 1 on the premise's own tokens, 2 on the hypothesis's, 0 on special tokens.
    """

    batch: PairBatch
    tokens: list[str]
    part: NDArray[np.int8]
    states: Tensor

    def own(self, part: int) -> list[int]:
        """Positions of the premise's (1) or hypothesis's (2) tokens."""
        return np.flatnonzero(self.part == part).tolist()


@dataclass(frozen=True)
class PartPlan:
    """The plan of one part: plan [n, m] between positions `rows` of the target and `columns` of the English reading.

    entropy is the share of its maximum.
    """

    part: int
    rows: list[int]
    columns: list[int]
    plan: NDArray[np.float64]
    entropy: float


@dataclass(frozen=True)
class Patching:
    """What patching did to one item; every probability is [.., 3]: entailment, neutral, contradiction.

    target and english: as the model reads them; patched: every token replaced; by_token [n, 3]: only token k of
    `tokens` (its `part` beside it) replaced. random [draws, 3] and random_by_token [draws, n, 3] are the control,
    the latter empty unless it was asked for. plans: premise, then hypothesis.
    """

    layer: int
    plan_layer: int
    target: NDArray[np.float32]
    english: NDArray[np.float32]
    patched: NDArray[np.float32]
    random: NDArray[np.float32]
    tokens: list[str]
    part: NDArray[np.int8]
    by_token: NDArray[np.float32]
    random_by_token: NDArray[np.float32]
    plans: tuple[PartPlan, PartPlan]


@torch.inference_mode()
def read_pair(model: NLIModel, encoder: Encoder, pair: TextPair, max_tokens: int = 256) -> Reading:
    """The joint reading of (premise, hypothesis) with the states of every layer.

    Raises `BadInput` for a side without tokens.
    """
    encoded = encode_pairs(encoder, [pair], None, max_tokens)[0]
    for part, name in ((1, "premise"), (2, "hypothesis")):
        if not (encoded.part == part).any():
            raise BadInput(f"The {name} has nothing to read: give a text with at least one word.")
    batch = collate_pairs([encoded], encoder.tokenizer.pad_token_id).to(model.device)
    states = torch.stack(list(model.hidden_states(batch.ids, batch.attention)), 1)[0].cpu()
    tokens = encoder.tokenizer.convert_ids_to_tokens(encoded.ids.tolist())
    return Reading(batch, list(tokens), encoded.part, states)


def part_plan(target: Reading, english: Reading, part: int, layer: int, settings: PlanSettings) -> PartPlan:
    """The plan between the target's and the English tokens of one part, at the states of `layer`."""
    rows, columns = target.own(part), english.own(part)
    sides = target.states[layer][rows].numpy(), english.states[layer][columns].numpy()
    solved = token_plans([sides[0]], [sides[1]], settings)[0]
    return PartPlan(part, rows, columns, solved.plan, solved.entropy)


def shuffled(plan: PartPlan, random: np.random.Generator) -> PartPlan:
    """The control: the same plan with its columns in random order."""
    order = random.permutation(len(plan.columns))
    return PartPlan(plan.part, plan.rows, plan.columns, plan.plan[:, order], plan.entropy)


def projected(states: Tensor, english: Tensor, plans: Sequence[PartPlan]) -> Tensor:
    """Target states [n, d] with every planned row replaced by its barycentric projection onto `english` [m, d].

    A row that moves no mass (a soft marginal may keep all of it) stays as it is.
    """
    replaced = states.clone()
    for plan in plans:
        mass = torch.from_numpy(plan.plan).to(states.dtype)
        total = mass.sum(1, keepdim=True)
        moved = (mass / total.clamp_min(1e-30)) @ english[plan.columns]
        replaced[plan.rows] = torch.where(total > 1e-12, moved, states[plan.rows])
    return replaced


@torch.inference_mode()
def run_upper(model: NLIModel, reading: Reading, states: Tensor, layer: int) -> NDArray[np.float32]:
    """Probabilities [B, 3] from states [B, n, d] that leave layer `layer` (0: the embeddings) of one reading.

    Raises `BadInput` for an encoder whose layers cannot be entered half-way.
    """
    path = blocks_path(model.backbone)
    if path is None:
        raise BadInput("The layers of this encoder share their weights and cannot be entered half-way for patching.")
    found = []
    for start in range(0, len(states), _BATCH):
        entering = states[start : start + _BATCH].to(model.device)
        size = len(entering)
        attention = reading.batch.attention.expand(size, -1)
        upper = Upper(model.backbone, path, layer)
        last = upper(inputs_embeds=entering, attention_mask=attention).last_hidden_state.float()
        premise, hypothesis = (
            model.posterior(pooled(last, mask.expand(size, -1)))
            for mask in (reading.batch.premise, reading.batch.hypothesis)
        )
        found.append(model.classify(premise.mu, hypothesis.mu).softmax(-1).cpu().numpy())
    return np.concatenate(found)


def patch_item(
    model: NLIModel,
    encoder: Encoder,
    target: TextPair,
    english: TextPair,
    layer: int,
    settings: PlanSettings | None = None,
    *,
    plan_layer: int | None = None,
    draws: int = 20,
    token_draws: int = 0,
    seed: int = 0,
    tokens: bool = True,
) -> Patching:
    """`patch_readings` of an item in a language and in English, both (premise, hypothesis)."""
    here, there = read_pair(model, encoder, target), read_pair(model, encoder, english)
    return patch_readings(
        model, here, there, layer, settings,
        plan_layer=plan_layer, draws=draws, token_draws=token_draws, seed=seed, tokens=tokens,
    )  # fmt: skip


def patch_readings(
    model: NLIModel,
    here: Reading,
    there: Reading,
    layer: int,
    settings: PlanSettings | None = None,
    *,
    plan_layer: int | None = None,
    draws: int = 20,
    token_draws: int = 0,
    seed: int = 0,
    tokens: bool = True,
) -> Patching:
    """Patch the reading `here` from `there` at `layer`, all tokens at once and one by one, beside `draws` random plans.

    The plan is made from the states of `plan_layer` (by default `layer`). `token_draws` is how many of the random
    plans are also tried token by token; without `tokens` nothing is, and `by_token` is empty. Raises `BadInput` for
    a layer that the model has not.
    """
    settings = settings or PlanSettings()
    plan_layer = layer if plan_layer is None else plan_layer
    layers = len(here.states) - 1
    for asked in (layer, plan_layer):
        if not 0 <= asked <= layers:
            raise BadInput(f"The model has layers 0 to {layers}; layer {asked} is not one of them.")
    plans = (part_plan(here, there, 1, plan_layer, settings), part_plan(here, there, 2, plan_layer, settings))
    own, other = here.states[layer], there.states[layer]
    positions = plans[0].rows + plans[1].rows
    generator = np.random.default_rng(seed)
    moved = projected(own, other, plans)
    controls = [projected(own, other, [shuffled(p, generator) for p in plans]) for _ in range(draws)]
    whole = run_upper(model, here, torch.stack([own, moved, *controls]), layer)
    singly = [moved, *controls[:token_draws]] if tokens else []
    by_token = [run_upper(model, here, one_at_a_time(own, each, positions), layer) for each in singly]
    none = np.zeros((0, 3), np.float32)
    return Patching(
        layer=layer,
        plan_layer=plan_layer,
        target=whole[0],
        english=run_upper(model, there, other[None], layer)[0],
        patched=whole[1],
        random=whole[2:],
        tokens=[here.tokens[at] for at in positions],
        part=here.part[positions],
        by_token=by_token[0] if by_token else none,
        random_by_token=np.stack(by_token[1:]) if by_token[1:] else none[:, None],
        plans=plans,
    )


def one_at_a_time(states: Tensor, moved: Tensor, positions: Sequence[int]) -> Tensor:
    """[len(positions), n, d]: `states` [n, d] with one position each taken from `moved`."""
    made = states[None].repeat(len(positions), 1, 1)
    index = torch.arange(len(positions))
    made[index, list(positions)] = moved[list(positions)]
    return made
