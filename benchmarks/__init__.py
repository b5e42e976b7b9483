"""What performance is measured with; never run as tests. ``RESULTS.md`` keeps the last full run."""
