"""What drives a model as a whole: importance, dependence, effect curves, use by group, interactions."""
