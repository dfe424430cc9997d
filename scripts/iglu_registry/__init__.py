"""What the command `scripts.schemas` does: evolution by witnesses, mirroring a registry, schemas that events missed."""
