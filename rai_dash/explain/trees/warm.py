"""``python -m rai_dash.explain.trees.warm``: compile the tree kernel once and keep it, as ``make install`` does."""

from __future__ import annotations

from rai_dash.explain.trees.kernel import warm

if __name__ == "__main__":
    warm()
