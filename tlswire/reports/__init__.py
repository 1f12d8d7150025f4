"""What was found, for reading: text for people, JSON for programs. Reads results, never bytes."""
