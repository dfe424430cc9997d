"""What holds for every test: none fails because the machine is busy."""

from hypothesis import HealthCheck, settings

# Hypothesis fails an example that takes 200 ms, and a strategy that generates slowly: both depend on the machine.
settings.register_profile("any-machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any-machine")
