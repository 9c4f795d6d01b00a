"""What trains something to learn something: rebalancing."""
