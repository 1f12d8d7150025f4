"""`python -m tlswire`."""

from tlswire.cli import main

main(prog_name="tlswire")
