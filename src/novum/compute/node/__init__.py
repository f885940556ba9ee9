"""What happens on the node that runs a job. Standard library only; start-up time is a feature here."""
