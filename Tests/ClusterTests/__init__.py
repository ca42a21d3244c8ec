"""A cluster of real processes under faults: scripts/soak cluster."""
