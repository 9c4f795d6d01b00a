"""The guided tour: a strip on top of the real pages that asks eight questions of the case that is open."""
