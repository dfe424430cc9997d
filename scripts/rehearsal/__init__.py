"""A rehearsal: the whole pipeline on this machine, with real clients, real Terraform and canaries.

`make demo` and the integration tests share this room. It imports `wire/` and operators' commands; services and the
function run as processes of their own, from the bundles that are deployed, and are never imported.
"""
