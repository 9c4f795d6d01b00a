"""Everything that follows from counts: rates, composites, ranking, calibration, cost, disparities."""
