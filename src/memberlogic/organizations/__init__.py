"""Organizations: the tenants (COM-1), their tier and features (COM-14)."""
