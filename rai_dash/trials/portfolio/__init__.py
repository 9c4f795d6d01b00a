"""Training on tables that stay where they are: cells are weighed and not copied, rows pass by in batches."""
