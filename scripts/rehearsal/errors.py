"""What a rehearsal raises."""


class RehearsalError(Exception):
    """A part of the rehearsal could not be started or did not do its work; one line says which and where to look."""
