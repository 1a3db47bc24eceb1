"""What deployments run on: containers, balancers, fleets, stacks, rules; with the state that makes them succeed or fail."""
