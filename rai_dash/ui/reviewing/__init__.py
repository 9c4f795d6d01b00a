"""The workbench of the review band: what the machine decides alone, what people get, what it costs, who bears it."""
