"""A rule of a club's own, and how it is tested on memberlogic's strategies."""
