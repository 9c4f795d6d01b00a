"""Views of the Correlations page."""
