"""What tests share: makers of files, runs and workspaces, and a tiny encoder."""
