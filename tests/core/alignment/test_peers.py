"""Peers in a process of their own: links in range, what they learn from, and what is told where they are missing."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from core.alignment.peers import LEARNING, PEERS, check_peer, extra_bitext, is_installed, peer_links
from core.data.gold_alignment import GoldSet, read_links
from core.errors import BadInput, MissingData
from tests.support.small_bert import save_small_bert

PAIRS = [
    ("the cat sleeps", "die katze schläft"), ("the dog sleeps", "der hund schläft"), ("a cat", "eine katze"),
    ("the house", "das haus"), ("a house", "ein haus"), ("the dog barks ||| loudly", "der hund bellt laut"),
]  # fmt: skip


def test_a_peer_that_is_not_there_and_one_that_is_none_are_told():
    with pytest.raises(BadInput, match="no peer 'giza'; choose eflomal, fast_align, simalign"):
        check_peer("giza")
    for name in LEARNING:
        if not is_installed(name, sys.executable):
            with pytest.raises(MissingData, match="install it there"):
                peer_links(name, sys.executable, [(["a"], ["b"])])


@pytest.mark.parametrize("name", LEARNING)
def test_a_peer_links_every_pair_in_range(name):
    if not is_installed(name, sys.executable):
        pytest.skip(f"needs {PEERS[name]}")
    pairs = [(source.split(), target.split()) for source, target in PAIRS] * 20 + [([], ["leer"])]
    found = peer_links(name, sys.executable, pairs)
    assert len(found.links) == len(pairs) and found.links[-1] == frozenset() and found.seconds > 0
    for (source, target), links in zip(pairs, found.links, strict=True):
        assert all(i < len(source) and j < len(target) for i, j in links)
    assert (1, 1) in found.links[0]


def test_further_bitext_has_the_set_s_order_and_none_of_its_sentences(tmp_path):
    (tmp_path / "dev.tsv").write_text("a b\tc d\t0-0\n", encoding="utf-8")
    (tmp_path / "train.tsv").write_text("A b\tx\t0-0\nnew one\ty\t\n", encoding="utf-8")
    file = read_links(tmp_path / "dev.tsv")
    gold = GoldSet("own", "en", "de", "test", file)
    assert extra_bitext(gold, [("It's new.", "Neu.")]) == [
        (["new", "one"], ["y"]), (["It's", "new", "."], ["Neu", "."])
    ]  # fmt: skip
    turned = GoldSet("own", "de", "en", "test", file)
    assert extra_bitext(turned, [("It's new.", "Neu.")])[-1] == (["Neu", "."], ["It's", "new", "."])
    assert Path(file.path).name == "dev.tsv"


def test_the_simalign_package_reads_the_same_weights_and_its_rules_are_ours(tmp_path):
    """On whole words of one subword, where its map from subwords to words cannot slip."""
    if not is_installed("simalign", sys.executable):
        pytest.skip("needs simalign")
    from core.alignment.linking import link_pairs
    from core.alignment.simalign_peer import saved, simalign_links
    from core.alignment.word_links import LinkSettings
    from core.encoder.load import load_encoder

    encoder = load_encoder(str(save_small_bert(tmp_path / "small")))
    pairs = [(["the", "cat", "sat"], ["mat", "on", "the", "cat"]), ([], ["cat"]), (["sat", "on"], ["the", "mat"])]
    with saved(encoder, 1) as model:
        found = simalign_links(sys.executable, model, pairs)
    for rule, theirs in found.items():
        ours = [one.links for one in link_pairs(encoder, [pairs[0], pairs[2]], LinkSettings(decoding=rule, layer=1))]
        assert [sorted(theirs.links[0]), sorted(theirs.links[2])] == [sorted(links) for links in ours]
        assert theirs.links[1] == frozenset() and theirs.seconds > 0
