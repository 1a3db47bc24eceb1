"""IAM as this account judges it: policy evaluation for the engine and for SimulatePrincipalPolicy alike."""
