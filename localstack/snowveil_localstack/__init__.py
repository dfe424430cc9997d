"""LocalStack plugin: runs Snowveil's whole environment on one machine with no Docker (see ../README.md)."""
