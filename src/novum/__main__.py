"""`python -m novum` is the command `novum`."""

from novum.cli import main

main()
