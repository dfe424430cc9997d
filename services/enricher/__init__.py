"""The enricher: reads raw-good, writes enriched events to enriched-good and failed events to enriched-bad."""

from wire.failed_events import Processor

VERSION = "0.1.0"
PROCESSOR = Processor(artifact="snowveil-enrich", version=VERSION)
V_ETL = f"{PROCESSOR.artifact}-{PROCESSOR.version}"
