"""What goes wrong with the embedded server, in words for whoever runs it."""


class EmbeddedError(RuntimeError):
    """The embedded server cannot be set up or started; the message says why and what to do."""


class EmbeddedInUse(EmbeddedError):
    """Another living process owns the data folder."""
