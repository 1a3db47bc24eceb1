"""Where deployments go: containers, balancers, fleets, stacks, rules; each with the state that decides its fate."""
