"""`rankings`: TREC run files that are there already, measured, compared and fused."""

from core.cli.rankings import fusing, measuring
from core.cli.rankings.app import app

__all__ = ["app", "fusing", "measuring"]
