"""What an export writes: the graph folder, its manifest and weights, and how it replaces an older one."""
