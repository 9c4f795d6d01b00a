"""The Monitor page: a batch of production beside what was signed, and the batches in the record."""
