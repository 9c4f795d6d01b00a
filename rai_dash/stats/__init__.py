"""Pure statistics on arrays: intervals, tests, AUC, calibration, bootstrap."""
