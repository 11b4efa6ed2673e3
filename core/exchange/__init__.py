"""Results that leave the machine: cards of runs, boards of many people's cards, bundles that recompute themselves."""
