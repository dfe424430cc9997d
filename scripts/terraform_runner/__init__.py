"""Terraform as the commands run it: environments, working trees, saved plans and their records, approvals."""
