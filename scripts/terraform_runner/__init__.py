"""Terraform as the commands run it: environments, trees, locks, saved plans, approvals; imports scripts.plan_review."""
