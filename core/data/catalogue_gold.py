"""The gold labels of the data set on this machine, for the importer to hold a run's against."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import IsoglossError

if TYPE_CHECKING:
    from core.data.catalog import Catalog


class CatalogueGold:
    """Called with a run's data kind and split: item -> gold label of XNLI, None where XNLI is not here.

    The data are opened when first asked for, unless a `catalog` is given. English is read, whose labels are
    every language's.
    """

    def __init__(self, data: Path | None = None, catalog: Catalog | None = None) -> None:
        self._data = data
        self._catalog = catalog
        if data is not None:  # a folder that was named has to be there
            from core.data.catalog import open_catalog

            self._catalog = open_catalog(data)
        self._failed = False
        self._splits: dict[str, Mapping[int, int] | None] = {}

    def __call__(self, kind: str, split: str) -> Mapping[int, int] | None:
        if kind != "xnli" or split not in ("validation", "test"):  # another benchmark of a study
            return None
        if split not in self._splits:
            self._splits[split] = self._read(split)
        return self._splits[split]

    def catalog(self) -> Catalog | None:
        """The data on this machine; None where they cannot be opened."""
        from core.data.catalog import open_catalog

        try:
            if self._catalog is None and not self._failed:
                self._catalog = open_catalog(self._data)
        except IsoglossError:  # the data are `doctor`'s to judge; a run is imported without them
            self._failed = True
        return self._catalog

    def _read(self, split: str) -> Mapping[int, int] | None:
        catalog = self.catalog()
        try:
            if catalog is None or catalog.kind != "real" or "en" not in catalog.xnli_languages(split):
                return None
            return {item.id: item.label for item in catalog.xnli(split, "en").items}
        except IsoglossError:  # the data are `doctor`'s to judge; a run is imported without them
            self._failed = True
            return None
