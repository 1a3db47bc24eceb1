"""AWS's wire protocols, driven by botocore's own service models in both directions."""
