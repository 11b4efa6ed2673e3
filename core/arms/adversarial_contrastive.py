"""Supervised contrast with a one-step perturbation of what the classifier reads."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from core.arms.base import Arm, Loss, Step
from core.model.nli import NLIModel


@dataclass(frozen=True)
class ContrastiveSettings:
    """Strengths and form of the contrastive arm.

    `contrastive_weight` multiplies the contrastive loss; `perturbed_share` is the share of the perturbed features in
    both losses; `radius` is the perturbation's length as a share of the features' norm; cosines are divided by
    `temperature`.
    """

    contrastive_weight: float = 0.5
    perturbed_share: float = 0.5
    radius: float = 0.1
    temperature: float = 0.1


class AdversarialContrastive(Arm):
    """Draws English pairs of the same label together and those of different labels apart, also after the features that
    the classifier reads are moved one step against it.

    loss = (1 - s) [CE(h) + w SCL(h)] + s [CE(h') + w SCL(h')] + beta KL, with h' = h + r ||h|| g / ||g||, g the
    gradient of CE at h, and SCL the supervised contrastive loss, -log of the share of same-label pairs under cosine
    over temperature (Lin et al., NAACL Findings 2022, arXiv 2204.08143, where r ||h|| is 1.5). The source also
    contrasts labelled examples of its target language; no label of another language is used here, so both losses stay
    in English, and what is asked is whether robust features alone carry over.
    """

    name = "adversarial-contrastive"
    settings_type = ContrastiveSettings
    settings: ContrastiveSettings

    def loss(self, model: NLIModel, step: Step) -> Loss:
        settings, batch = self.settings, step.nli
        first, second = model.pair_posteriors(batch)
        step.count(batch.tokens)
        # Drawn in the order of the task loss, so that the posterior noise is every arm's.
        premise, hypothesis = first.sample(step.generator), second.sample(step.generator)
        features = torch.cat([premise, hypothesis, (premise - hypothesis).abs(), premise * hypothesis], -1)
        logits = model.classifier(features)
        clean = nn.functional.cross_entropy(logits, batch.label)
        moved = features + worst_step(clean, features, settings.radius)
        worst = nn.functional.cross_entropy(model.classifier(moved), batch.label)
        contrast = supervised_contrast(features, features, batch.label, settings.temperature)
        worst_contrast = supervised_contrast(moved, features, batch.label, settings.temperature)
        share, weight = settings.perturbed_share, settings.contrastive_weight
        kl = (first.kl() + second.kl()).mean()
        total = (1 - share) * (clean + weight * contrast) + share * (worst + weight * worst_contrast)
        logged = {
            "task_loss": float(clean.detach()),
            "perturbed_loss": float(worst.detach()),
            "contrastive_loss": float(contrast.detach()),
            "perturbed_contrastive_loss": float(worst_contrast.detach()),
            "kl": float(kl.detach()),
            "train_accuracy": 100.0 * float((logits.detach().argmax(-1) == batch.label).float().mean()),
        }
        return Loss(total + model.config.kl_weight * kl, logged)


def worst_step(loss: Tensor, features: Tensor, radius: float) -> Tensor:
    """The step of `radius` times each row's norm along the gradient of `loss`, without gradient: [B, f]."""
    (gradient,) = torch.autograd.grad(loss, features, retain_graph=True)
    unit = gradient / gradient.norm(dim=-1, keepdim=True).clamp_min(1e-12)
    step: Tensor = radius * features.detach().norm(dim=-1, keepdim=True) * unit
    return step.detach()


def supervised_contrast(anchors: Tensor, others: Tensor, label: Tensor, temperature: float) -> Tensor:
    """Mean over anchors of the mean negative log share of the same-label rows (Khosla et al., arXiv 2004.11362).

    anchors and others [B, f] are row by row of the same examples; a row is never its own partner. An anchor whose label
    no other row has does not count; 0 if there is none that does.
    """
    itself = torch.eye(len(label), dtype=torch.bool, device=label.device)
    cosine = nn.functional.normalize(anchors, dim=-1) @ nn.functional.normalize(others, dim=-1).T
    share = (cosine / temperature).masked_fill(itself, -torch.inf).log_softmax(-1).masked_fill(itself, 0.0)
    same = ((label[:, None] == label[None, :]) & ~itself).float()
    partners = same.sum(-1)
    each = -(share * same).sum(-1) / partners.clamp_min(1.0)
    return each[partners > 0].mean() if bool((partners > 0).any()) else anchors.sum() * 0.0
