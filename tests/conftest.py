"""What holds for every test: none fails because the machine is busy, and Terraform takes less of it."""

import os

from hypothesis import HealthCheck, settings

# Hypothesis fails an example that takes 200 ms, and a strategy that generates slowly: both depend on the machine.
settings.register_profile("any-machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any-machine")

# Terraform and its AWS provider spend a third of their time on collecting garbage: a plan of production takes 4.7 s of
# processor instead of 6.9 and 130 MB more. https://pkg.go.dev/runtime#hdr-Environment_Variables
os.environ.setdefault("GOGC", "400")
