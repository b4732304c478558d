"""Accounts and environments as Terraform makes them: bootstrap, plan, apply, destroy, and what drifted."""
