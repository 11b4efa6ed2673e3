"""The choice of an encoder: checked before it is offered, read in place of the embedded one, and told."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.encoder.known import remember, remembered
from core.workspace import Workspace, open_workspace
from tests.support.page_text import check_whole, words
from tests.support.small_bert import save_small_bert


@pytest.fixture
def home(tmp_path: Path) -> Workspace:
    return open_workspace(tmp_path / "home")


def test_a_remembered_folder_reads_where_it_is_chosen(open_page, home, tmp_path):
    remember(home.home, str(save_small_bert(tmp_path / "small")))
    page = open_page(home, "alignment", encoder="small", language="German (de)")
    check_whole(page)
    assert page.sidebar.selectbox(key="encoder").value == str(tmp_path / "small")
    assert page.slider(key="layer").max == 2 and "Cost 0." in words(page)


def test_what_is_named_is_checked_first(open_page, home, tmp_path):
    page = open_page(home, "alignment", language="German (de)")
    for named, told in ((str(tmp_path / "nowhere"), "There is no encoder folder"), ("", "Give a folder")):
        page.sidebar.text_input(key="other_encoder").set_value(named)
        page.sidebar.button[0].click().run()
        assert told in page.error[0].value and remembered(home.home) == []
    folder = str(save_small_bert(tmp_path / "small"))
    page.sidebar.text_input(key="other_encoder").set_value(folder)
    page.sidebar.button[0].click().run()
    assert page.success[0].value.startswith("small: 2 layers") and remembered(home.home) == [folder]
    page.run()
    assert "small" in page.sidebar.selectbox(key="encoder").options
