"""Charts: each is a cached constant template, a function that turns plain results into its data, and an alt text."""
