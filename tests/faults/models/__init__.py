"""Models whose files are hostile, opened in a process that may take little."""
