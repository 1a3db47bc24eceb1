"""What makes the account live: a scheduler, pipelines, actions, builds and deployments as processes in its time."""
