"""/api/v1: what waits for approval, and batches, for programs of the library."""
