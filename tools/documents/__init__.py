"""What the documentation is made with: generated pages, and transcripts that are run again."""
