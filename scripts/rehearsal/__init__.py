"""A rehearsal: the whole pipeline on one machine, with real clients, real Terraform and canaries."""
