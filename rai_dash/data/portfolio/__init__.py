"""Tables that are not brought into memory: counted where they lie, by one set of questions on every engine."""
