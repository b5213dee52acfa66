"""A PostgreSQL of our own: one data folder, one process that owns it, no server to install.

`EmbeddedPostgres(data_dir).start()` answers with connection strings; `stop()` shuts the server down;
`temporary()` does both around a folder that it deletes. Nobody gets in without a password: the server listens
on a Unix socket only, and every role signs in with SCRAM.
"""

from clm.kit.embedded.errors import EmbeddedError, EmbeddedInUse
from clm.kit.embedded.server import Dsns, EmbeddedPostgres
from clm.kit.embedded.temporary import temporary

__all__ = ["Dsns", "EmbeddedError", "EmbeddedInUse", "EmbeddedPostgres", "temporary"]
